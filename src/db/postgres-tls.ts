/**
 * How a connection to PostgreSQL is encrypted: what `sslmode` and the files beside it mean to libpq.
 *
 * | mode | encrypted | certificate of the server |
 * |---|---|---|
 * | `disable` | no | |
 * | `allow`, `prefer` | if it must be, or can be | not looked at |
 * | `require` | yes | not looked at, unless there is a root certificate: then as `verify-ca` |
 * | `verify-ca` | yes | of an authority in `sslrootcert` |
 * | `verify-full` | yes | and for the name of the host |
 *
 * Reference: "SSL Support" of the libpq chapter of the PostgreSQL manual.
 * Differs: `verify-full` without a root certificate trusts the authorities that Node trusts (`sslrootcert=system` of libpq);
 * lists of revoked certificates are not read. node-postgres by itself takes each of `prefer`, `require` and `verify-ca` for `verify-full`.
 */
import { readFileSync, statSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { ConfigurationError } from "../errors.ts";
import { type Environment, type Parameters, personalFile } from "./postgres-url.ts";

/** One way to connect: what TLS is told, or false for none. */
export type Encryption = ConnectionOptions | false;

/**
 * The ways to connect, in the order in which they are tried.
 * @throws ConfigurationError  a file that is missing, cannot be read, or is open to others; a root certificate that is needed
 */
export function encryptionsOf(parameters: Parameters, environment: Environment): readonly Encryption[] {
  const { sslmode = "prefer", sslnegotiation } = parameters;
  if (sslnegotiation === "direct" && !["require", "verify-ca", "verify-full"].includes(sslmode))
    throw new ConfigurationError(
      "DATABASE_URL, sslnegotiation",
      "direct needs sslmode=require, verify-ca or verify-full",
    );
  if (sslmode === "disable") return [false];
  const tls = tlsOf(sslmode, parameters, environment);
  if (sslmode === "allow") return [false, tls];
  return sslmode === "prefer" ? [tls, false] : [tls];
}

function tlsOf(sslmode: string, parameters: Parameters, environment: Environment): ConnectionOptions {
  const { sslpassword, sslrootcert, sslcert, sslkey } = parameters;
  const root = sslrootcert === "system" ? undefined : (sslrootcert ?? personalFile("root.crt", environment));
  if (sslrootcert === "system" && sslmode !== "verify-full")
    throw new ConfigurationError("DATABASE_URL, sslrootcert", "system needs sslmode=verify-full");
  if (sslmode === "verify-ca" && root === undefined)
    throw new ConfigurationError(
      "DATABASE_URL, sslmode",
      "verify-ca needs the certificate of an authority in sslrootcert",
    );
  const certificate = sslcert ?? personalFile("postgresql.crt", environment);
  const key = certificate === undefined ? undefined : (sslkey ?? personalFile("postgresql.key", environment));
  if (certificate !== undefined && key === undefined)
    throw new ConfigurationError("DATABASE_URL, sslkey", "the certificate in sslcert needs its key");
  if (key !== undefined) assertPrivate("sslkey", key);
  const ca = root === undefined ? undefined : contentOf("sslrootcert", root);
  return {
    rejectUnauthorized: sslmode === "verify-full" || ca !== undefined,
    ...(ca !== undefined && { ca }),
    // The name in the certificate counts for verify-full alone.
    ...(sslmode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...(certificate !== undefined && { cert: contentOf("sslcert", certificate) }),
    ...(key !== undefined && { key: contentOf("sslkey", key), passphrase: sslpassword }),
  };
}

function contentOf(parameter: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigurationError(`DATABASE_URL, ${parameter}`, `the file ${path} cannot be read`, { cause });
  }
}

/** A key that others can read is none: 0600, or 0640 where it is root's. */
function assertPrivate(parameter: string, path: string): void {
  const { mode, uid } = statSync(path, { throwIfNoEntry: false }) ?? { mode: 0, uid: 0 };
  if (process.platform !== "win32" && (mode & (uid === 0 ? 0o037 : 0o077)) !== 0)
    throw new ConfigurationError(
      `DATABASE_URL, ${parameter}`,
      `the file ${path} is open to other users; expected its permissions to be 0600`,
    );
}
