/**
 * Keys as JSON: what a JWK says, its name, its public half.
 *
 * Reference: RFC 7517 (members), RFC 7518 6 (kinds of keys), RFC 7638 (the thumbprint, which is a key's `kid`).
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { JwtAlgorithm } from "./jwt-keys.ts";

/** A public key as `/.well-known/jwks.json` shows it. */
export interface PublicJwk extends JsonWebKey {
  readonly kty: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: JwtAlgorithm;
}

/** The members that the thumbprint is made of, and that a public key has, in the order of their names. */
const members: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  RSA: ["e", "kty", "n"],
  oct: ["k", "kty"],
};

/** Kinds of keys that there are here. */
export const isKnownKind = (kty: unknown): boolean => typeof kty === "string" && Object.hasOwn(members, kty);

const pick = (jwk: JsonWebKey, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, jwk[name]]));

/** The name of a key: the SHA-256 of what is public of it (of all of a secret), in base64url. */
export function thumbprint(key: KeyObject): string {
  const jwk = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  const required = pick(jwk, members[jwk.kty ?? ""] ?? []);
  return createHash("sha256").update(JSON.stringify(required)).digest("base64url");
}

/** What everybody may know of a key: no member but the public ones is taken over. */
export function publicJwk(key: KeyObject, alg: JwtAlgorithm, kid: string): PublicJwk {
  if (key.type === "secret") throw new TypeError("expected a key pair: a shared secret has nothing public");
  const jwk = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  const { kty = "" } = jwk;
  return { ...pick(jwk, members[kty] ?? []), kty, kid, use: "sig", alg };
}
