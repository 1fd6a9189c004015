/**
 * Random texts over an alphabet: salts, session keys, CSRF secrets.
 *
 * Reference: django.utils.crypto.get_random_string.
 * Differs: bytes are drawn in one go; those beyond the last whole multiple of the alphabet are dropped, so that every
 * character is equally likely.
 */
import { randomBytes } from "node:crypto";

/** A source of random bytes; tests pass their own. */
export type RandomBytes = (size: number) => Uint8Array;

/** Letters and digits, in Django's order. */
export const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** A text of `length` characters, each drawn from `alphabet` (at most 256 characters) with equal chance. */
export function randomString(length: number, alphabet: string, random: RandomBytes = randomBytes): string {
  const limit = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < limit) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
