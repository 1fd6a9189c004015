/**
 * Access, refresh and sliding tokens: their claims, lifetimes and kinds.
 *
 * Knows `jwt.ts` and the clock, no HTTP and no database: whether a token was revoked is asked of `blacklist.ts`.
 * Reference: rest_framework_simplejwt.tokens (claims and their order, what an access token copies from its refresh token);
 * with the profile `rfc9068` access tokens are those of RFC 9068.
 */

import { TokenClaimInvalid, TokenExpired, TokenInvalid } from "../errors.ts";
import { type ClaimNames, translateClaims } from "./claim-names.ts";
import type { Claims } from "./claims.ts";
import { type TokenSigner, type TokenVerifier, typOf } from "./jwt.ts";
import { newTokenId, sessionIdOf } from "./session-id.ts";

export type TokenType = "access" | "refresh" | "sliding";

/** Claims of a token of ours: what `Claims` has, and who and which. */
export interface TokenClaims extends Claims {
  readonly token_type: TokenType;
  readonly jti: string;
  readonly user_id?: unknown;
}

/** A token and what it says. */
export interface Token {
  readonly text: string;
  readonly claims: TokenClaims;
}

export interface TokenSettings extends ClaimNames {
  readonly accessLifetimeSeconds: number;
  readonly refreshLifetimeSeconds: number;
  readonly slidingLifetimeSeconds: number;
  readonly slidingRefreshLifetimeSeconds: number;
  readonly slidingRefreshExpClaim: string;
  readonly leewaySeconds: number;
  /** Empty for none. */
  readonly audience: readonly string[];
  /** Empty for none. */
  readonly issuer: string;
  readonly tokenProfile: "simplejwt" | "rfc9068";
  readonly clientId: string;
}

/** Claims beside ours. */
export type MoreClaims = Readonly<Record<string, unknown>>;

export interface Tokens {
  /** A new refresh token of a user, by what his tokens name him by: the first of a session. */
  refreshFor(userKey: number | string, sessionId: string, more?: MoreClaims): Promise<Token>;
  /** A new sliding token of a user, the only one of its session. */
  slidingFor(userKey: number | string, sessionId: string, more?: MoreClaims): Promise<Token>;
  /** An access token that says what the refresh token says. */
  accessFrom(refresh: TokenClaims): Promise<Token>;
  /** The token that takes a refresh token's place: new key and times, other claims kept, in the same session. */
  rotate(refresh: TokenClaims): Promise<Token>;
  /** A sliding token with new times. @throws TokenError  its time to be refreshed has passed, or is not in it */
  slide(sliding: TokenClaims): Promise<Token>;
  /**
   * The claims of a token, of one of these types or of any. A known access token is answered at once.
   * @throws TokenError
   */
  verify(text: string, ...types: readonly TokenType[]): TokenClaims | Promise<TokenClaims>;
}

export interface TokensOptions extends TokenSettings {
  readonly signer: Pick<TokenSigner, "sign">;
  readonly verifier: TokenVerifier;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Not copied from a refresh token to its access tokens. */
const ownClaims = new Set(["token_type", "exp", "jti"]);

/** Media type of an access token (RFC 9068 2.1), and the claims that it has (2.2). */
const accessTyp = "at+jwt";
const accessClaims = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"];

export function createTokens(options: TokensOptions): Tokens {
  const { signer, verifier, now, audience, issuer, slidingRefreshExpClaim: refreshExp } = options;
  const { outward, inward } = translateClaims(options);
  const isProfiled = options.tokenProfile === "rfc9068";
  const seconds = () => Math.floor(now() / 1000);
  const successorOf = ({ jti }: TokenClaims) => newTokenId(sessionIdOf(jti));
  const meant = {
    ...(audience.length > 0 && { aud: audience.length === 1 ? audience[0] : audience }),
    ...(issuer !== "" && { iss: issuer }),
  };
  const sign = async (said: TokenClaims): Promise<Token> => {
    const claims = { ...said, ...meant };
    const { user_id: id } = claims;
    if (!isProfiled || claims.token_type !== "access") return { text: await signer.sign(outward(claims)), claims };
    const profiled = { ...claims, sub: String(id), client_id: options.clientId };
    return { text: await signer.sign({ ...outward(profiled), sub: profiled.sub }, accessTyp), claims: profiled };
  };

  const checkKind = (verified: Claims, text: string, types: readonly TokenType[]): TokenClaims => {
    const claims = inward(verified);
    const { token_type: type, jti } = claims;
    if (types.length > 0 && !types.some((expected) => expected === type))
      throw new TokenInvalid(`expected a token of type ${types.map((expected) => `"${expected}"`).join(" or ")}`);
    // Only an access token is never looked up by its key; the reference takes one with a key of any form.
    if (jti === undefined || (!isKey(jti) && (types.length === 0 || type !== "access")))
      throw new TokenClaimInvalid("jti", "expected a text of at most 255 characters");
    if (isProfiled && type === "access") checkProfile(verified, text);
    return claims as TokenClaims;
  };

  return {
    refreshFor(userKey, sessionId, more) {
      const iat = seconds();
      const exp = iat + options.refreshLifetimeSeconds;
      return sign({ token_type: "refresh", exp, iat, jti: newTokenId(sessionId), user_id: userKey, ...more });
    },
    slidingFor(userKey, sessionId, more) {
      const iat = seconds();
      const exp = iat + options.slidingLifetimeSeconds;
      const until = { [refreshExp]: iat + options.slidingRefreshLifetimeSeconds };
      return sign({ token_type: "sliding", exp, iat, jti: newTokenId(sessionId), ...until, user_id: userKey, ...more });
    },
    accessFrom(refresh) {
      const copied = Object.fromEntries(
        Object.entries(refresh).filter(([claim]) => !ownClaims.has(claim) && claim !== "iat"),
      );
      const exp = seconds() + options.accessLifetimeSeconds;
      const iat = isProfiled ? seconds() : (refresh.iat ?? seconds());
      return sign({ token_type: "access", exp, iat, jti: successorOf(refresh), ...copied });
    },
    rotate(refresh) {
      const iat = seconds();
      return sign({ ...refresh, exp: iat + options.refreshLifetimeSeconds, iat, jti: successorOf(refresh) });
    },
    async slide(sliding) {
      const until = sliding[refreshExp];
      if (typeof until !== "number") throw new TokenClaimInvalid(refreshExp, "expected seconds since 1970");
      if (until <= now() / 1000 - options.leewaySeconds) throw new TokenExpired();
      const iat = seconds();
      return sign({ ...sliding, exp: iat + options.slidingLifetimeSeconds, iat });
    },
    verify(text, ...types) {
      const claims = verifier.verify(text);
      return claims instanceof Promise
        ? claims.then((verified) => checkKind(verified, text, types))
        : checkKind(claims, text, types);
    },
  };
}

/** What the column of a token's key can hold; PostgreSQL has no null characters. */
const isKey = (jti: unknown): boolean => typeof jti === "string" && jti.length <= 255 && !jti.includes("\0");

/** @throws TokenInvalid  an access token that is not one of RFC 9068 */
function checkProfile(claims: Claims, text: string): void {
  if (typOf(text) !== accessTyp) throw new TokenInvalid(`expected an access token with the typ "${accessTyp}"`);
  for (const claim of accessClaims)
    if (claims[claim] === undefined) throw new TokenClaimInvalid(claim, "must be there");
}
