/**
 * Names of files: what is left of a client's once it can do no harm, and another one where a name is taken.
 *
 * Letters and digits of every script, `-`, `_` and `.` stay; white space becomes `_`; everything else goes. Only what stands behind
 * the last slash counts, of either kind.
 * Reference: django.core.files.storage.Storage (`get_valid_name`, `get_available_name`, `generate_filename`).
 * Differs: no name begins with a dot (those are not served), and none has more bytes than a file system takes.
 */
import { randomBytes } from "node:crypto";
import { extname } from "node:path";

/** Bytes of the longest name: file systems take 255. */
const MAX_NAME_BYTES = 200;

/** The harmless name; "" where nothing is left. */
export function safeName(sent: string): string {
  const base = sent.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const kept = base
    .trim()
    .replace(/\s/g, "_")
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, "")
    .replace(/^\.+/, "");
  return shortened(kept, Number.POSITIVE_INFINITY);
}

/** `cover.png` as `cover_x7Gd1aQ.png`. */
export function otherName(name: string): string {
  const end = extname(name);
  return `${name.slice(0, name.length - end.length)}_${randomBytes(5).toString("hex").slice(0, 7)}${end}`;
}

/** The name with at most so many characters, and bytes that a file system takes; its end (`.png`) stays. */
export function shortened(name: string, characters: number): string {
  const fits = (text: string): boolean =>
    Array.from(text).length <= characters && Buffer.byteLength(text) <= MAX_NAME_BYTES;
  if (fits(name)) return name;
  const end = extname(name);
  const tail = Array.from(end).length < Math.min(characters, 20) ? end : "";
  const stem = Array.from(name.slice(0, name.length - tail.length));
  while (stem.length > 0 && !fits(stem.join("") + tail)) stem.pop();
  return stem.length > 0 ? stem.join("") + tail : "";
}

/** The folder that files of a field go into: `%Y`, `%m` and `%d` are the day. Reference: `upload_to`. */
export function folderAt(uploadTo: string, now: number): string {
  const [year = "", month = "", day = ""] = new Date(now).toISOString().slice(0, 10).split("-");
  return uploadTo.replaceAll("%Y", year).replaceAll("%m", month).replaceAll("%d", day);
}
