/**
 * JSON Web Tokens: sign claims, and verify a token into claims. Bytes and claims only; no kinds of tokens, no users.
 *
 * Called by `tokens.ts`. The cryptography is jose's, but for the HMAC that a token is verified by. A token of PyJWT with the same
 * key verifies here and the other way round. Verified tokens are kept (`token-cache.ts`), so that the same one is not verified again for every request.
 * Reference: rest_framework_simplejwt.backends.TokenBackend, jwt.api_jws; RFC 7515, RFC 7519.
 * Differs: `crit`, unencoded payloads (RFC 7797) and base64url in a second spelling are refused, where the reference and jose
 * look away: a token has one text, so that lists and caches of tokens cannot be walked around.
 */
import { createHmac, KeyObject } from "node:crypto";
import { CompactSign, compactVerify, errors } from "jose";
import { type Claims, checkAudience, checkIssuer, checkTimes, parseClaims, parseObject } from "./claims.ts";
import { isEqualInConstantTime } from "./constant-time.ts";
import { TokenInvalid } from "./errors.ts";
import { type JwtAlgorithm, type JwtKey, prepareKey, type UsableKey } from "./jwt-keys.ts";
import { createTokenCache } from "./token-cache.ts";

export interface TokenSigner {
  readonly algorithm: JwtAlgorithm;
  /**
   * Signs claims, in the order given; the result is the compact form.
   * @param typ  media type of the token in its header (default `JWT`)
   */
  sign(claims: { readonly [claim: string]: unknown }, typ?: string): Promise<string>;
}

export interface TokenSignerOptions extends JwtKey {
  readonly algorithm: JwtAlgorithm;
}

/**
 * Makes a signer.
 *
 * @throws TypeError  the key does not fit the algorithm
 * @example
 * const token = await createSigner({ algorithm: "HS256", key: "secret" }).sign({ user_id: 3, exp: 1_700_000_300 });
 */
export function createSigner({ algorithm, key, kid }: TokenSignerOptions): TokenSigner {
  const usable = prepareKey(key, algorithm, "sign");
  if (usable === undefined) throw new TypeError(`${algorithm}: expected a key of its kind that can sign`);
  const header = kid === undefined ? { alg: algorithm } : { alg: algorithm, kid };
  const encoder = new TextEncoder();
  return {
    algorithm,
    sign: (claims, typ = "JWT") =>
      new CompactSign(encoder.encode(JSON.stringify(claims))).setProtectedHeader({ ...header, typ }).sign(usable),
  };
}

export interface TokenVerifier {
  /**
   * Verifies a token and checks its times, audience and issuer.
   *
   * What needs no key pair, and a token verified before, is answered at once, without a promise (and refused at once, by throwing);
   * `await` serves both.
   * @throws TokenInvalid       not a token, of another algorithm, or not signed with our key
   * @throws TokenClaimInvalid  a claim is missing, malformed or not ours
   * @throws TokenExpired
   * @throws TokenNotYetValid
   */
  verify(token: string): Claims | Promise<Claims>;
}

export interface TokenVerifierOptions {
  /** What is accepted; the header of a token only chooses among these. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Tried in their order; several while keys are being replaced. */
  readonly keys: readonly JwtKey[];
  /** Difference of clocks that is accepted. */
  readonly leewaySeconds?: number;
  readonly audience?: string | readonly string[];
  readonly issuer?: string;
  /** Verified tokens that are kept (default: 10,000). */
  readonly cacheSize?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Makes a verifier with a cache of its own.
 *
 * @throws TypeError  an algorithm has no key that fits, or a key fits no algorithm
 * @example
 * const verifier = createVerifier({ algorithms: ["HS256"], keys: [{ key: "secret" }], now: Date.now });
 * const claims = await verifier.verify(token);
 */
export function createVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { leewaySeconds = 0, audience, issuer, cacheSize = 10_000, now } = options;
  const candidates = candidatesOf(options);
  const cache = createTokenCache(cacheSize);

  function verifyNew(token: string): Claims | Promise<Claims> {
    const { alg, kid } = readHeader(token);
    const payload = verifySignature(token, alg, candidates.get(alg) ?? [], kid);
    return payload instanceof Promise ? payload.then((bytes) => accept(token, bytes)) : accept(token, payload);
  }

  function accept(token: string, payload: Uint8Array): Claims {
    const claims = parseClaims(payload);
    checkTimes(claims, now() / 1000, leewaySeconds);
    checkAudience(claims, audience);
    checkIssuer(claims, issuer);
    cache.set(token, claims);
    return claims;
  }

  return {
    verify(token) {
      const known = cache.get(token);
      if (known === undefined) return verifyNew(token);
      checkTimes(known, now() / 1000, leewaySeconds);
      return known;
    },
  };
}

interface Candidate {
  readonly usable: UsableKey;
  readonly kid?: string;
}

/** The keys that each accepted algorithm may be verified with. */
function candidatesOf({ algorithms, keys }: TokenVerifierOptions): ReadonlyMap<string, readonly Candidate[]> {
  if (algorithms.length === 0) throw new TypeError("expected at least one algorithm to accept");
  const fitting = new Set<JwtKey>();
  const candidates = new Map<string, readonly Candidate[]>();
  for (const algorithm of algorithms) {
    const usable = keys.flatMap((key) => {
      if (key.algorithm !== undefined && key.algorithm !== algorithm) return [];
      const prepared = prepareKey(key.key, algorithm, "verify");
      if (prepared === undefined) return [];
      fitting.add(key);
      return [{ usable: prepared, kid: key.kid }];
    });
    if (usable.length === 0) throw new TypeError(`${algorithm}: expected a key of its kind that can verify`);
    candidates.set(algorithm, usable);
  }
  const idle = keys.findIndex((key) => !fitting.has(key));
  if (idle >= 0) throw new TypeError(`keys[${idle}]: expected a key that verifies ${algorithms.join(" or ")}`);
  return candidates;
}

/** The media type that a verified token names in its header, in lower case and without `application/` (RFC 7515 4.1.9). */
export function typOf(token: string): string | undefined {
  const { typ } = parseObject(Buffer.from(token.slice(0, token.indexOf(".")), "base64url")) ?? {};
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
}

/** Longer ones fit into no header field; refused before any work is done for them. */
const maxTokenCharacters = 16_384;

/** base64url without padding, the unused bits of the last character zero (RFC 4648 3.5): each value has one spelling. */
const canonicalBase64url = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** The header of a token, before anything of it is trusted. */
function readHeader(token: string): { readonly alg: string; readonly kid: unknown } {
  const segments = token.length <= maxTokenCharacters ? token.split(".", 4) : [];
  const [encodedHeader = ""] = segments;
  if (segments.length !== 3 || !segments.every((segment) => canonicalBase64url.test(segment))) {
    throw new TokenInvalid("expected three parts of base64url, joined by dots");
  }
  const { alg, kid, crit, b64 } = parseObject(Buffer.from(encodedHeader, "base64url")) ?? {};
  if (typeof alg !== "string") throw new TokenInvalid('expected a header with "alg"');
  if (crit !== undefined || b64 !== undefined) throw new TokenInvalid("expected a header without extensions");
  return { alg, kid };
}

/** The payload, if one of the keys made the signature; at once, where these are secrets. */
function verifySignature(
  token: string,
  alg: string,
  candidates: readonly Candidate[],
  kid: unknown,
): Uint8Array | Promise<Uint8Array> {
  if (candidates.length === 0) throw new TokenInvalid("expected another algorithm");
  const pairs: UsableKey[] = [];
  for (const { usable, kid: own } of candidates) {
    if (kid !== undefined && own !== undefined && own !== kid) continue;
    if (!(usable instanceof KeyObject && usable.type === "secret")) pairs.push(usable);
    else if (hasHmac(token, alg, usable)) return Buffer.from(token.split(".", 2)[1] ?? "", "base64url");
  }
  if (pairs.length > 0) return verifyWithPairs(token, alg, pairs);
  throw unknownKey();
}

async function verifyWithPairs(token: string, alg: string, keys: readonly UsableKey[]): Promise<Uint8Array> {
  for (const key of keys) {
    try {
      return (await compactVerify(token, key, { algorithms: [alg] })).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  throw unknownKey();
}

const unknownKey = () => new TokenInvalid("expected a signature made with a key of this server");

/**
 * Whether a token ends with the HMAC of its text (RFC 7515 A.1, RFC 7518 3.2). Found out at once: jose asks WebCrypto, whose thread
 * takes longer to be woken than to hash.
 */
function hasHmac(token: string, alg: string, secret: KeyObject): boolean {
  const end = token.lastIndexOf(".");
  const expected = createHmac(`sha${alg.slice(2)}`, secret)
    .update(token.slice(0, end))
    .digest("base64url");
  return isEqualInConstantTime(token.slice(end + 1), expected);
}
