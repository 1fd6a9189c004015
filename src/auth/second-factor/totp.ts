/**
 * One-time passwords by the clock: what an authenticator app shows for a secret at a time.
 * Source: RFC 6238 (with the values that every authenticator app takes: SHA-1, 6 digits, 30 seconds), RFC 4226 5.3, RFC 4648 6.
 */
import { createHmac, randomBytes } from "node:crypto";

const stepSeconds = 30;
const digits = 6;
/** RFC 4226 section 4 recommends 160 bits. */
const secretBytes = 20;
/** Steps before and after the present one that are accepted, for clocks that differ and people who type. */
const tolerance = 1;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret. */
export const newTotpSecret = (): Buffer => randomBytes(secretBytes);

/** The secret as people type it into an app: base32 without padding. */
export function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet.charAt(Number.parseInt(group.padEnd(5, "0"), 2))).join("");
}

/** The number of a step, from the time in milliseconds since 1970. */
export const stepAt = (now: number): number => Math.floor(now / 1000 / stepSeconds);

/** The code of a step. */
export function codeOf(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** The step that a code belongs to, near the present one; undefined for a wrong code. */
export function stepOf(secret: Uint8Array, code: string, now: number): number | undefined {
  const present = stepAt(now);
  for (let step = present - tolerance; step <= present + tolerance; step++) {
    if (codeOf(secret, step) === code) return step;
  }
  return undefined;
}

/**
 * What an authenticator app reads from a QR picture.
 * Source: the Key URI format of Google Authenticator.
 */
export function totpUri(secret: Uint8Array, issuer: string, username: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}
