/**
 * The secret key of a server that was given none: made once, kept in a file that only its user may read.
 *
 * Good for one machine with an embedded database; several machines must share a key, so there it has to be set.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { ConfigurationError } from "../errors.ts";

/**
 * Reads the key from a file, making it at the first call.
 * @throws ConfigurationError  the file cannot be read or written, or holds something shorter than 32 characters
 */
export function secretKeyFrom(file: string): string {
  try {
    // "wx" fails where the file is there: of two processes that start together, one writes and both read.
    writeFileSync(file, `${randomBytes(48).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    if (!isCode(cause, "EEXIST"))
      throw new ConfigurationError("SECRET_KEY", `is not set, and ${file} cannot be written`, { cause });
  }
  let key: string;
  try {
    key = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new ConfigurationError("SECRET_KEY", `is not set, and ${file} cannot be read`, { cause });
  }
  if (key.length < 32) throw new ConfigurationError(file, "expected a secret key of at least 32 characters");
  return key;
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
