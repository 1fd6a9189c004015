/** The names of collected files. */
import { createHash } from "node:crypto";
import { posix } from "node:path";

/**
 * The name of a file with the hash of its content: `css/site.css` becomes `css/site.0123456789ab.css`.
 * Reference: HashedFilesMixin.hashed_name (12 hexadecimal digits of MD5: a fingerprint, not a protection).
 */
export function hashedName(name: string, content: Uint8Array): string {
  const hash = createHash("md5").update(content).digest("hex").slice(0, 12);
  const extension = posix.extname(name);
  return `${name.slice(0, name.length - extension.length)}.${hash}${extension}`;
}
