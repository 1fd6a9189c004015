/**
 * The 20,000 passwords that attackers try first, read when the first password is chosen.
 *
 * The list is Django's, by Royce Williams (`common-passwords.LICENSE.txt`): lower case, one a line, gzip.
 */
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const file = new URL("common-passwords.txt.gz", import.meta.url);
let known: Promise<ReadonlySet<string>> | undefined;

/** Whether a password is one of them, whatever its case and the space around it. */
export async function isCommon(password: string): Promise<boolean> {
  known ??= readList();
  return (await known).has(password.toLowerCase().trim());
}

async function readList(): Promise<ReadonlySet<string>> {
  const text = (await promisify(gunzip)(await readFile(file))).toString("utf8");
  return new Set(text.split("\n").map((line) => line.trim()));
}
