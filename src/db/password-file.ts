/**
 * The file of passwords: one line for each, `host:port:database:user:password`, `*` for any.
 *
 * It is read for every connection, so a password that is changed there counts from then on.
 * Reference: "The Password File" of the libpq chapter of the PostgreSQL manual: the first line that fits counts; a file that others
 * may read is left alone, with a warning.
 */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import type { Environment } from "./postgres-url.ts";

export interface Asked {
  /** `localhost` for a Unix socket in its usual folder. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Where the file is, unless it is said otherwise. */
export const usualPasswordFile = ({ HOME = homedir(), APPDATA }: Environment): string =>
  process.platform === "win32" ? `${APPDATA}/postgresql/pgpass.conf` : `${HOME}/.pgpass`;

/** The password; undefined where the file is not there, has none, or is open to others. @param onWarning told of the last */
export async function passwordIn(
  path: string,
  { host, port, database, user }: Asked,
  onWarning: (message: string) => void,
): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (!facts.isFile()) return refused(`the password file ${path} is not a plain file`);
  if (process.platform !== "win32" && (facts.mode & 0o077) !== 0)
    return refused(`the password file ${path} is open to other users and is not used; expected permissions 0600`);
  const wanted = [host, String(port), database, user];
  for (const line of (await readFile(path, "utf8")).split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    const password = fields[4];
    if (password && wanted.every((value, i) => fields[i] === "*" || fields[i] === value)) return password;
  }
  return undefined;

  function refused(message: string): undefined {
    onWarning(message);
  }
}

/** Fields between colons, of which a password has none either; a backslash takes what follows as it is. */
function fieldsOf(line: string): readonly string[] {
  const fields = [""];
  for (const [, escaped, character = ""] of line.matchAll(/\\(.)|([^\\]|\\$)/gu)) {
    if (escaped === undefined && character === ":") fields.push("");
    else fields[fields.length - 1] += escaped ?? character;
  }
  return fields;
}
