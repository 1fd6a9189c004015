/**
 * Keys as texts: PEM (PKCS #8, PKCS #1, SEC 1, SPKI, a certificate), a JWK, or a shared secret; each held against its algorithm.
 *
 * Reference: RFC 7468, RFC 7517; the sizes are those of RFC 7518 3.2 to 3.5 and RFC 8725 3.5.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { ConfigurationError } from "../../errors.ts";
import { describeKey, fitsAlgorithm, isSymmetric, type JwtAlgorithm, requiredKey, secretBytes } from "./jwt-keys.ts";

/**
 * Reads a key.
 *
 * @param usage  `sign` needs the private half of a pair, `verify` takes the public one of either
 * @param place  the setting or file that holds it, for messages
 * @throws ConfigurationError  it is no key, or one of another kind or size; says what was expected, never what was given
 */
export function readKey(text: string, algorithm: JwtAlgorithm, usage: "sign" | "verify", place: string): KeyObject {
  const key = isSymmetric(algorithm) ? secretOf(text, place) : halfOf(text, usage, algorithm, place);
  checkKey(key, algorithm, place);
  return key;
}

/** @throws ConfigurationError  the key is of another kind or size */
export function checkKey(key: KeyObject, algorithm: JwtAlgorithm, place: string): void {
  if (fitsAlgorithm(key, algorithm)) return;
  throw new ConfigurationError(place, `${algorithm}: expected ${requiredKey(algorithm)}, got ${describeKey(key)}`);
}

/** A new key for an algorithm: a pair's private half, or a secret of the size of the hash. */
export function generateKey(algorithm: JwtAlgorithm): KeyObject {
  if (isSymmetric(algorithm)) return createSecretKey(randomBytes(secretBytes(algorithm)));
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519").privateKey;
  if (algorithm.startsWith("ES")) {
    const namedCurve = { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[algorithm as "ES256" | "ES384" | "ES512"];
    return generateKeyPairSync("ec", { namedCurve }).privateKey;
  }
  return generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey;
}

function secretOf(text: string, place: string): KeyObject {
  if (/-----BEGIN |^(ssh|ecdsa)-|^\s*\{/.test(text))
    throw new ConfigurationError(place, "expected a shared secret, got the text of a key pair");
  return createSecretKey(Buffer.from(text));
}

function halfOf(text: string, usage: "sign" | "verify", algorithm: JwtAlgorithm, place: string): KeyObject {
  const isJwk = /^\s*\{/.test(text);
  try {
    const read = usage === "sign" ? createPrivateKey : createPublicKey;
    if (isJwk) return read({ key: JSON.parse(text), format: "jwk" });
    // A variable of the environment can seldom hold line breaks, so they are often written as \n.
    return read(text.replaceAll("\\n", "\n"));
  } catch {
    // The cause would quote what it could not read.
    const half = usage === "sign" ? "private" : "public";
    throw new ConfigurationError(
      place,
      `${algorithm}: expected a ${half} key as PEM or JWK: ${requiredKey(algorithm)}`,
    );
  }
}
