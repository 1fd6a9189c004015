/**
 * The key file: a JWK set with the private members, each key with the time from which it signs and the time until which it verifies.
 *
 * Written by `drf-auth keys`, read by `token-keys.ts` in every process that serves. Its place in the file says nothing, its times
 * everything: `nbf` begins it, `exp` ends it, and of those that have begun the youngest signs.
 * Reference: RFC 7517 5; the members `iat`, `nbf` and `exp` of keys are those of OpenID Federation 1.0 (historical keys).
 */
import { createPrivateKey, createSecretKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { ConfigurationError } from "../../errors.ts";
import { parseObject } from "./claims.ts";
import { isKnownKind, thumbprint } from "./jwk.ts";
import { type JwtAlgorithm, jwtAlgorithms } from "./jwt-keys.ts";
import { checkKey, generateKey } from "./key-text.ts";

/** A key of the file; times are seconds since 1970. */
export interface FileKey {
  readonly key: KeyObject;
  readonly kid: string;
  readonly algorithm: JwtAlgorithm;
  readonly createdAt: number;
  /** From here on it signs, until a younger one does. */
  readonly activeAt: number;
  /** From here on its tokens are refused; undefined while nothing is to take its place. */
  readonly retiredAt?: number;
}

export type KeyState = "next" | "active" | "retiring" | "retired";

/** A new key that signs from a time on. */
export function newFileKey(algorithm: JwtAlgorithm, createdAt: number, activeAt = createdAt): FileKey {
  const key = generateKey(algorithm);
  return { key, kid: thumbprint(key), algorithm, createdAt, activeAt };
}

/** The key that signs at a time: the youngest of those that have begun. */
export const activeKey = (keys: readonly FileKey[], seconds: number): FileKey | undefined =>
  keys
    .filter(({ activeAt, retiredAt = Infinity }) => activeAt <= seconds && seconds < retiredAt)
    .toSorted((a, b) => b.activeAt - a.activeAt)[0];

/** Where a key is in its life. */
export function stateOf(key: FileKey, keys: readonly FileKey[], seconds: number): KeyState {
  if (key.activeAt > seconds) return "next";
  if ((key.retiredAt ?? Infinity) <= seconds) return "retired";
  return key === activeKey(keys, seconds) ? "active" : "retiring";
}

/**
 * The keys after a rotation: a new one that is published now and signs later, and an end for those before it. Retired ones go.
 *
 * @param delay    seconds until the new key signs: by then every process and every other server must have read it
 * @param overlap  seconds that an older key verifies beyond that: the longest life of a token
 * @throws ConfigurationError  a key that does not sign yet is there already
 */
export function rotateKeys(
  keys: readonly FileKey[],
  { algorithm, now, delay, overlap }: { algorithm?: JwtAlgorithm; now: number; delay: number; overlap: number },
): readonly FileKey[] {
  const next = keys.find(({ activeAt }) => activeAt > now);
  if (next) {
    const at = new Date(next.activeAt * 1000).toISOString();
    throw new ConfigurationError(`key ${next.kid}`, `signs from ${at}; expected no rotation before that`);
  }
  const added = newFileKey(algorithm ?? activeKey(keys, now)?.algorithm ?? "ES256", now, now + delay);
  const kept = keys
    .filter(({ retiredAt = Infinity }) => retiredAt > now)
    .map((key) => ({ ...key, retiredAt: key.retiredAt ?? added.activeAt + overlap }));
  return [...kept, added];
}

/**
 * Reads a key file. Keys of a kind that is not known here are passed over (RFC 7517 5).
 * @throws ConfigurationError  it cannot be read, is no JWK set, or a key in it is not one that signs
 */
export function readKeyFile(file: string): readonly FileKey[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new ConfigurationError(file, 'cannot be read; "drf-auth keys generate" makes one', { cause });
  }
  const { keys } = parseObject(bytes) ?? {};
  if (!Array.isArray(keys)) throw new ConfigurationError(file, 'expected a JWK set: {"keys": [ … ]}');
  const read = keys.flatMap((jwk: unknown, i) =>
    isKnownKind(memberOf(jwk, "kty")) ? [fileKey(jwk, `${file}, keys[${i}]`)] : [],
  );
  if (read.length === 0) throw new ConfigurationError(file, "expected at least one key");
  const kids = new Set<string>();
  for (const { kid } of read) {
    if (kids.has(kid)) throw new ConfigurationError(file, `two keys have the kid "${kid}"`);
    kids.add(kid);
  }
  return read;
}

/**
 * Writes a key file that only its user may read: whole under another name, then in the place of the old one, so that whoever
 * reads it reads the old one or the new one.
 *
 * @param isNew  there must be none yet
 * @throws ConfigurationError  it cannot be written, or another process is writing it
 */
export function writeKeyFile(file: string, keys: readonly FileKey[], isNew = false): void {
  const text = `${JSON.stringify({ keys: keys.map(jwkOf) }, null, 2)}\n`;
  // "wx" fails where the file is there: of two that rotate at the same time one goes on.
  const target = isNew ? file : `${file}.new`;
  try {
    const handle = openSync(target, "wx", 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const reason = isNew
      ? 'is there already; "drf-auth keys rotate" adds a key'
      : "is there: another rotation is at work, or was cut off";
    throw new ConfigurationError(target, isThere ? reason : "cannot be written", { cause });
  }
  if (isNew) return;
  try {
    renameSync(target, file);
  } catch (cause) {
    rmSync(target, { force: true });
    throw new ConfigurationError(file, "cannot be written", { cause });
  }
}

const jwkOf = ({ key, kid, algorithm, createdAt, activeAt, retiredAt }: FileKey) => ({
  ...key.export({ format: "jwk" }),
  ...{ kid, use: "sig", alg: algorithm, iat: createdAt, nbf: activeAt, exp: retiredAt },
});

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;

function fileKey(jwk: unknown, place: string): FileKey {
  const member = (name: string) => memberOf(jwk, name);
  const algorithm = jwtAlgorithms.find((known) => known === member("alg"));
  if (algorithm === undefined)
    throw new ConfigurationError(place, `expected "alg" to be one of ${jwtAlgorithms.join(", ")}`);
  if (member("use") !== undefined && member("use") !== "sig")
    throw new ConfigurationError(place, 'expected "use" to be "sig": keys here are for signatures');
  const key = keyOf(jwk, algorithm, place);
  checkKey(key, algorithm, place);
  const kid = member("kid") ?? thumbprint(key);
  if (typeof kid !== "string" || kid === "") throw new ConfigurationError(place, 'expected "kid" to be a text');
  const time = <T>(name: string, absent: T): number | T => {
    const value = member(name);
    if (value === undefined) return absent;
    if (typeof value !== "number" || !(value >= 0))
      throw new ConfigurationError(place, `expected "${name}" to be seconds since 1970`);
    return value;
  };
  return {
    ...{ key, kid, algorithm, createdAt: time("iat", 0), activeAt: time("nbf", 0) },
    retiredAt: time("exp", undefined),
  };
}

function keyOf(jwk: unknown, algorithm: JwtAlgorithm, place: string): KeyObject {
  const k = memberOf(jwk, "k");
  try {
    if (memberOf(jwk, "kty") !== "oct") return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
    if (typeof k === "string") return createSecretKey(k, "base64url");
  } catch {
    // Told below: the cause may quote the key.
  }
  throw new ConfigurationError(place, `${algorithm}: expected a private key or a secret as JWK`);
}
