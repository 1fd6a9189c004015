/**
 * The keys of this process: who signs now, what verifies now, and what is published.
 *
 * From settings they never change. From a key file they change while the process runs: the file is looked at once a second at most,
 * whatever tokens come, and read where it is another one. What was verified with keys that are gone is forgotten with them.
 * Reference: rest_framework_simplejwt.backends.TokenBackend (ALGORITHM, SIGNING_KEY, VERIFYING_KEY, AUDIENCE, ISSUER, LEEWAY).
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Logger } from "../../config/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { type PublicJwk, publicJwk, thumbprint } from "./jwk.ts";
import { createSigner, createVerifier, type TokenSigner, type TokenVerifier } from "./jwt.ts";
import { isSymmetric, type JwtAlgorithm, type JwtKey } from "./jwt-keys.ts";
import { activeKey, type FileKey, readKeyFile } from "./key-file.ts";
import { readKey } from "./key-text.ts";

export interface TokenKeySettings {
  readonly secretKey: string;
  readonly secretKeyFallbacks: readonly string[];
  readonly algorithm: JwtAlgorithm;
  readonly signingKey: string;
  readonly signingKeyFile: string;
  readonly verifyingKey: string;
  readonly verifyingKeyFile: string;
  readonly keysFile: string;
  readonly audience: readonly string[];
  readonly issuer: string;
  readonly leewaySeconds: number;
  readonly tokenCacheSize: number;
}

export interface TokenKeys extends TokenVerifier, Pick<TokenSigner, "sign"> {
  /** There are key pairs, whose public halves others may verify with, or there may be some. */
  readonly isPublished: boolean;
  /** The public keys that tokens are signed with, or soon will be. */
  publicKeys(): readonly PublicJwk[];
}

/** Keys that sign and verify at one time. */
interface Ring {
  readonly signing: Required<Pick<JwtKey, "key" | "algorithm">> & Pick<JwtKey, "kid">;
  readonly verifying: readonly (JwtKey & { readonly algorithm: JwtAlgorithm })[];
  readonly published: readonly PublicJwk[];
  /** Seconds since 1970 at which another key signs, or one no longer verifies. */
  readonly endsAt: number;
}

/** Milliseconds between two looks at the key file. */
const lookEvery = 1000;

/**
 * Makes the keys.
 * @param now  milliseconds since 1970
 * @throws ConfigurationError  a key is missing, of another kind or too short; names the setting and what was expected
 */
export function createTokenKeys(
  settings: TokenKeySettings,
  now: () => number,
  log?: Pick<Logger, "error" | "info">,
): TokenKeys {
  const { audience, issuer, leewaySeconds, tokenCacheSize: cacheSize, keysFile } = settings;
  const compile = (ring: Ring) => ({
    ring,
    signer: createSigner(ring.signing),
    verifier: createVerifier({
      algorithms: [...new Set(ring.verifying.map(({ algorithm }) => algorithm))],
      keys: ring.verifying,
      audience: audience.length === 0 ? undefined : audience,
      issuer: issuer === "" ? undefined : issuer,
      ...{ leewaySeconds, cacheSize, now },
    }),
  });
  if (keysFile === "") {
    const { ring, signer, verifier } = compile(ringOfSettings(settings));
    return { ...verifier, sign: signer.sign, isPublished: ring.published.length > 0, publicKeys: () => ring.published };
  }

  let keys = readKeyFile(keysFile);
  let version = versionOf(keysFile);
  let looked = now();
  // Tokens that were signed before there was a key file verify while their key is still set.
  const before = hasOwnKey(settings) ? ringOfSettings(settings).verifying : [];
  let current = compile(ringOfFile(keys, looked / 1000, before, keysFile));

  const look = (time: number): void => {
    looked = time;
    const seen = versionOf(keysFile);
    let read = keys;
    try {
      if (seen !== version) read = readKeyFile(keysFile);
    } catch (error) {
      log?.error("the key file is wrong; the keys before it stay", { error: asError(error) });
    }
    version = seen;
    if (read === keys && time / 1000 < current.ring.endsAt) return;
    try {
      current = compile(ringOfFile(read, time / 1000, before, keysFile));
      keys = read;
      log?.info("keys of tokens changed", { kid: current.ring.signing.kid ?? "" });
    } catch (error) {
      // The keys before go on, begin and end in their times, and where none is left the last ones stay.
      if (read === keys) current = { ...current, ring: { ...current.ring, endsAt: Infinity } };
      log?.error("the key file is wrong; the keys before it stay", { error: asError(error) });
    }
  };
  const upToDate = (): typeof current => {
    const time = now();
    if (time - looked >= lookEvery || time < looked || time / 1000 >= current.ring.endsAt) look(time);
    return current;
  };
  return {
    // Of secrets alone there is nothing to publish yet; the next rotation may be to a key pair.
    isPublished: true,
    sign: (claims, typ) => upToDate().signer.sign(claims, typ),
    verify: (token) => upToDate().verifier.verify(token),
    publicKeys: () => upToDate().ring.published,
  };
}

const hasOwnKey = ({ signingKey, signingKeyFile }: TokenKeySettings): boolean => signingKey + signingKeyFile !== "";

/** The keys that a file holds, at a time. */
function ringOfFile(keys: readonly FileKey[], seconds: number, before: Ring["verifying"], file: string): Ring {
  const usable = keys.filter(({ retiredAt = Infinity }) => retiredAt > seconds);
  const signing = activeKey(usable, seconds);
  if (!signing) throw new ConfigurationError(file, "expected a key that signs now; all are retired or not active yet");
  const times = usable.flatMap(({ activeAt, retiredAt = Infinity }) => [activeAt, retiredAt]);
  return {
    signing,
    verifying: [...usable.map(({ key, kid, algorithm }) => ({ key: publicOf(key), kid, algorithm })), ...before],
    published: usable
      .filter(({ key }) => key.type === "private")
      .map(({ key, kid, algorithm }) => publicJwk(key, algorithm, kid)),
    endsAt: Math.min(...times.filter((time) => time > seconds), Infinity),
  };
}

/** The keys that settings name: SIGNING_KEY, or else SECRET_KEY and those before it. */
function ringOfSettings(settings: TokenKeySettings): Ring {
  const { algorithm, secretKey, secretKeyFallbacks } = settings;
  const given = textOf(settings.signingKey, settings.signingKeyFile, "JWT_SIGNING_KEY");
  const givenPublic = textOf(settings.verifyingKey, settings.verifyingKeyFile, "JWT_VERIFYING_KEY");
  if (isSymmetric(algorithm)) {
    if (givenPublic)
      throw new ConfigurationError(givenPublic.place, `${algorithm} verifies with the key that signs; expected none`);
    const texts = given
      ? [given]
      : [
          { text: secretKey, place: "SECRET_KEY" },
          ...secretKeyFallbacks.map((text, i) => ({ text, place: `SECRET_KEY_FALLBACKS[${i}]` })),
        ];
    const verifying = texts.map(({ text, place }) => ({ key: readKey(text, algorithm, "sign", place), algorithm }));
    const [signing] = verifying;
    if (!signing) throw new ConfigurationError("SECRET_KEY", "must be set");
    return { signing, verifying, published: [], endsAt: Infinity };
  }
  if (!given)
    throw new ConfigurationError("JWT_SIGNING_KEY", `must be set with ${algorithm}: a private key as PEM or JWK`);
  const key = readKey(given.text, algorithm, "sign", given.place);
  const kid = thumbprint(key);
  if (givenPublic && thumbprint(readKey(givenPublic.text, algorithm, "verify", givenPublic.place)) !== kid)
    throw new ConfigurationError(givenPublic.place, `expected the public half of ${given.place}`);
  return {
    signing: { key, kid, algorithm },
    verifying: [{ key: publicOf(key), kid, algorithm }],
    published: [publicJwk(key, algorithm, kid)],
    endsAt: Infinity,
  };
}

/** A key that is set, or that stands in a file that is set. */
function textOf(
  text: string,
  file: string,
  name: string,
): { readonly text: string; readonly place: string } | undefined {
  if (file === "") return text === "" ? undefined : { text, place: name };
  const place = `${name}_FILE`;
  if (text !== "") throw new ConfigurationError(place, `expected ${name} or ${place}, not both`);
  try {
    return { text: readFileSync(file, "utf8").trim(), place };
  } catch (cause) {
    throw new ConfigurationError(place, `${file} cannot be read`, { cause });
  }
}

const publicOf = (key: KeyObject): KeyObject => (key.type === "private" ? createPublicKey(key) : key);

/** What tells one version of a file from another; "" where there is none. */
function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : "";
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
