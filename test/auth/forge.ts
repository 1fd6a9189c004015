/** Tokens made by hand, from whatever header, payload and signature. */
import { createHmac, type KeyObject, sign as signWith } from "node:crypto";

export type Bytes = string | Uint8Array;

export const base64url = (bytes: Bytes): string => Buffer.from(bytes).toString("base64url");

/** What makes a signature of the first two parts. */
export type Sign = (input: string) => Bytes;

export const hmac =
  (key: Bytes, hash = "sha256"): Sign =>
  (input) =>
    createHmac(hash, key).update(input).digest();

export const rsa =
  (key: KeyObject, hash = "sha256"): Sign =>
  (input) =>
    signWith(hash, Buffer.from(input), key);

/** @param dsaEncoding  a JWS has the two numbers one behind the other (`ieee-p1363`), not DER (RFC 7518 3.4) */
export const ecdsa =
  (key: KeyObject, hash = "sha256", dsaEncoding: "ieee-p1363" | "der" = "ieee-p1363"): Sign =>
  (input) =>
    signWith(hash, Buffer.from(input), { key, dsaEncoding });

const textOf = (value: unknown): Bytes =>
  typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value);

/** A token; a header or payload that is no text is written as JSON. */
export function forge(header: unknown, payload: unknown, sign: Sign): string {
  const input = `${base64url(textOf(header))}.${base64url(textOf(payload))}`;
  return `${input}.${base64url(sign(input))}`;
}

/** The header and the claims of a token. */
export function readToken(token: string): {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
} {
  const [header = "", claims = ""] = token.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: read(header), claims: read(claims) };
}
