/**
 * The claims of a token: read from its payload, checked against the clock and against what is expected.
 *
 * Called by `jwt.ts`, once the signature is verified; `checkTimes` again on every use of a cached token.
 * Reference: jwt.api_jwt.PyJWT._validate_claims, rest_framework_simplejwt.tokens.Token.check_exp; RFC 7519 4.1.
 * Differs: a time must be a JSON number (the reference crashes or guesses on texts and null), and not beyond the year 9999.
 */
import { TokenClaimInvalid, TokenExpired, TokenInvalid, TokenNotYetValid } from "../errors.ts";

/** The payload of a verified token, deeply frozen. */
export interface Claims {
  /** When it expires, seconds since 1970. */
  readonly exp: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly [claim: string]: unknown;
}

/** The last second of the year 9999; what lies beyond is no date in Django, nor in its database. */
const lastSecond = 253_402_300_799;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the claims from a payload whose signature is verified.
 *
 * @throws TokenInvalid       not a JSON object
 * @throws TokenClaimInvalid  `exp` is absent, or `exp`, `nbf` or `iat` is not a time
 */
export function parseClaims(payload: Uint8Array): Claims {
  const claims = parseObject(payload);
  if (claims === undefined) throw new TokenInvalid("expected a JSON object as payload");
  for (const claim of ["exp", "nbf", "iat"]) {
    const value = claims[claim];
    if (value === undefined && claim !== "exp") continue;
    if (typeof value !== "number" || value > lastSecond) {
      throw new TokenClaimInvalid(claim, "expected a number of seconds since 1970, before the year 10000");
    }
  }
  return deepFreeze(claims as Claims);
}

/** A JSON object from UTF-8 bytes, or undefined. */
export function parseObject(bytes: Uint8Array): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isObject(value) && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks the time claims.
 *
 * @param nowSeconds     seconds since 1970
 * @param leewaySeconds  difference of clocks that is accepted
 * @throws TokenExpired      `exp` is not after now (RFC 7519 4.1.4)
 * @throws TokenNotYetValid  `nbf` (RFC 7519 4.1.5) or, as in the reference, `iat` is after now
 */
export function checkTimes(claims: Claims, nowSeconds: number, leewaySeconds: number): void {
  if (claims.exp <= nowSeconds - leewaySeconds) throw new TokenExpired();
  if (claims.nbf !== undefined && claims.nbf > nowSeconds + leewaySeconds) throw new TokenNotYetValid();
  if (claims.iat !== undefined && claims.iat > nowSeconds + leewaySeconds) throw new TokenNotYetValid();
}

/**
 * Checks for whom the token was made (RFC 7519 4.1.3); `aud` is ignored when no audience is expected.
 *
 * @throws TokenClaimInvalid  none of the expected audiences is in `aud`
 */
export function checkAudience(claims: Claims, expected: string | readonly string[] | undefined): void {
  if (expected === undefined) return;
  const audiences: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (![expected].flat().some((audience) => audiences.includes(audience))) {
    throw new TokenClaimInvalid("aud", "expected the audience of this server");
  }
}

/**
 * Checks who made the token (RFC 7519 4.1.1); `iss` is ignored when no issuer is expected.
 *
 * @throws TokenClaimInvalid  `iss` is another one
 */
export function checkIssuer(claims: Claims, expected: string | undefined): void {
  if (expected !== undefined && claims.iss !== expected) {
    throw new TokenClaimInvalid("iss", "expected the issuer that this server trusts");
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function deepFreeze<T>(value: T): T {
  if (isObject(value)) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
