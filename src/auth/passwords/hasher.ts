/**
 * What `passwords.ts` asks of a hasher: one file an algorithm, each of which knows Django's encoding of it.
 *
 * Reference: django.contrib.auth.hashers.BasePasswordHasher.
 * Differs: an encoding is read once, into an object that answers all questions about it.
 */
import { alphanumeric, type RandomBytes, randomString } from "../random.ts";

export interface Hasher {
  /** The text before the first `$` of its encodings. */
  readonly algorithm: string;
  /** Bytes of a password that it reads, where it does not read all. */
  readonly maxBytes?: number;
  /** A new encoding of a password, with a salt of its own. */
  hash(password: string): Promise<string>;
  /** Reads an encoding of this algorithm; undefined if it is malformed. */
  read(encoded: string): StoredHash | undefined;
}

/** An encoding that was read. */
export interface StoredHash {
  /** Its parameters or its salt are not those of a new one, so that it should be replaced. */
  readonly outdated: boolean;
  matches(password: string): Promise<boolean>;
  /** Costs what is missing to the time of a new encoding; called after a mismatch. */
  harden?(password: string): Promise<unknown>;
}

const saltEntropyBits = 128;
const bitsPerCharacter = Math.log2(alphanumeric.length);

/** A salt as Django makes it: 22 letters and digits, which hold at least 128 bits. */
export function newSalt(random?: RandomBytes): string {
  return randomString(Math.ceil(saltEntropyBits / bitsPerCharacter), alphanumeric, random);
}

/** Whether a salt of so many characters is too short. Reference: hashers.must_update_salt. */
export function isShortSalt(length: number): boolean {
  return length * bitsPerCharacter < saltEntropyBits;
}
