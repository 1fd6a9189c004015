/**
 * Algorithms of JSON Web Signatures and the keys that fit them.
 *
 * A key is bound to algorithms by what it is, never by what a token says: a public RSA key can never be the secret of an
 * HMAC. What does not fit is refused when the signer or verifier is made.
 * Source: RFC 7518 3.1, RFC 8037 3.1. Reference: jwt.algorithms (which refuses PEM texts as secrets, too).
 */
import { createSecretKey, type KeyObject, type webcrypto } from "node:crypto";

type CryptoKey = webcrypto.CryptoKey;

interface KeyRequirement {
  readonly type: "secret" | "rsa" | "ec" | "ed25519";
  /** Of an HMAC. */
  readonly hash?: string;
  /** Of an elliptic curve key, as OpenSSL names it. */
  readonly curve?: string;
}

const requirements = {
  HS256: { type: "secret", hash: "SHA-256" },
  HS384: { type: "secret", hash: "SHA-384" },
  HS512: { type: "secret", hash: "SHA-512" },
  RS256: { type: "rsa" },
  RS384: { type: "rsa" },
  RS512: { type: "rsa" },
  PS256: { type: "rsa" },
  PS384: { type: "rsa" },
  PS512: { type: "rsa" },
  ES256: { type: "ec", curve: "prime256v1" },
  ES384: { type: "ec", curve: "secp384r1" },
  ES512: { type: "ec", curve: "secp521r1" },
  EdDSA: { type: "ed25519" },
} as const satisfies Record<string, KeyRequirement>;

export type JwtAlgorithm = keyof typeof requirements;

/** Every algorithm, for settings to choose from. */
export const jwtAlgorithms = Object.keys(requirements) as readonly JwtAlgorithm[];

/** A key to sign or verify with. */
export interface JwtKey {
  /** The only algorithm that it serves; without one, every accepted one that fits (RFC 8725 3.1). */
  readonly algorithm?: JwtAlgorithm;
  /** A shared secret as text (its UTF-8 bytes, as in Django), or a key of node:crypto. */
  readonly key: string | KeyObject;
  /** Name of the key, in the header of the tokens it signs (RFC 7515 4.1.4). */
  readonly kid?: string;
}

const hashBytes = { "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 } as const;

/** Whether an algorithm signs and verifies with one secret. */
export const isSymmetric = (algorithm: JwtAlgorithm): boolean => requirements[algorithm].type === "secret";

/** Bytes that the secret of an HMAC has at least: those of its hash (RFC 7518 3.2). */
export function secretBytes(algorithm: JwtAlgorithm): number {
  const required = requirements[algorithm];
  return required.type === "secret" ? hashBytes[required.hash] : 0;
}

/** Whether a key, public or private, is of the kind and the size that an algorithm needs. */
export function fitsAlgorithm(key: KeyObject, algorithm: JwtAlgorithm): boolean {
  const required: KeyRequirement = requirements[algorithm];
  if (key.type === "secret") return required.type === "secret" && (key.symmetricKeySize ?? 0) >= secretBytes(algorithm);
  const { namedCurve, modulusLength = minRsaBits } = key.asymmetricKeyDetails ?? {};
  return key.asymmetricKeyType === required.type && namedCurve === required.curve && modulusLength >= minRsaBits;
}

/** The key that an algorithm needs, in words. */
export function requiredKey(algorithm: JwtAlgorithm): string {
  const required: KeyRequirement = requirements[algorithm];
  if (required.type === "secret") return `a shared secret of at least ${secretBytes(algorithm)} bytes`;
  if (required.type === "rsa") return `an RSA key of at least ${minRsaBits} bits`;
  return required.curve === undefined ? "an Ed25519 key" : `an elliptic curve key on ${required.curve}`;
}

/** A key in words, without anything of its value. */
export function describeKey({ type, symmetricKeySize, asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (type === "secret") return `${symmetricKeySize ?? 0} bytes`;
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return `${asymmetricKeyType} of ${modulusLength} bits`;
  return namedCurve === undefined ? `${asymmetricKeyType}` : `${asymmetricKeyType} on ${namedCurve}`;
}

/** What jose takes; a secret to verify with is a `KeyObject`. */
export type UsableKey = CryptoKey | KeyObject;

const minRsaBits = 2048;
const privateKeyText = /-----BEGIN |^(ssh|ecdsa)-/;

/**
 * Prepares a key for an algorithm; undefined if it is of another kind.
 *
 * @param usage  `sign` needs the private half of a pair, `verify` the public one
 * @throws TypeError  a secret is empty or is a PEM text, an RSA key is shorter than 2048 bits, or the algorithm is unknown
 */
export function prepareKey(
  key: string | KeyObject,
  algorithm: JwtAlgorithm,
  usage: "sign" | "verify",
): UsableKey | undefined {
  if (!Object.hasOwn(requirements, algorithm)) {
    throw new TypeError(`expected one of ${jwtAlgorithms.join(", ")}, got "${algorithm}"`);
  }
  const required: KeyRequirement = requirements[algorithm];
  const object = typeof key === "string" ? createSecretKey(Buffer.from(key)) : key;
  if (object.type === "secret") {
    checkSecret(object);
    if (required.hash === undefined) return undefined;
    // Verified with node:crypto (`jwt.ts`), signed with jose.
    if (usage === "verify") return object;
    return object.toCryptoKey({ name: "HMAC", hash: required.hash }, false, [usage]);
  }
  if (object.type !== (usage === "sign" ? "private" : "public")) return undefined;
  if (object.asymmetricKeyType !== required.type) return undefined;
  const { namedCurve, modulusLength = minRsaBits } = object.asymmetricKeyDetails ?? {};
  if (modulusLength < minRsaBits) {
    throw new TypeError(`${algorithm}: expected an RSA key of at least ${minRsaBits} bits, got ${modulusLength}`);
  }
  return namedCurve === required.curve ? object : undefined;
}

function checkSecret(secret: KeyObject): void {
  const text = secret.export().toString("latin1");
  if (text === "") throw new TypeError("expected a shared secret, got an empty one");
  if (privateKeyText.test(text)) {
    throw new TypeError("expected a shared secret, got the text of a key pair; pass it as a KeyObject");
  }
}
