/**
 * Access and refresh tokens: their claims, lifetimes and kinds.
 *
 * Knows `jwt.ts` and the clock, no HTTP and no database: whether a token was revoked is asked of `blacklist.ts`.
 * Reference: rest_framework_simplejwt.tokens (claims and their order, what an access token copies from its refresh token).
 */
import type { Claims } from "./claims.ts";
import { TokenClaimInvalid, TokenInvalid } from "./errors.ts";
import type { TokenSigner, TokenVerifier } from "./jwt.ts";
import { newTokenId, sessionIdOf } from "./session-id.ts";

export type TokenType = "access" | "refresh";

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

export interface TokenSettings {
  readonly accessLifetimeSeconds: number;
  readonly refreshLifetimeSeconds: number;
}

export interface Tokens {
  /** A new refresh token of a user, the first of a session. */
  refreshFor(user: { readonly id: number }, sessionId: string): Promise<Token>;
  /** An access token that says what the refresh token says. */
  accessFrom(refresh: TokenClaims): Promise<Token>;
  /** The token that takes a refresh token's place: new key and times, other claims kept, in the same session. */
  rotate(refresh: TokenClaims): Promise<Token>;
  /**
   * The claims of a token, of one kind or of any. A known access token is answered at once.
   * @throws TokenError
   */
  verify(text: string, type?: TokenType): TokenClaims | Promise<TokenClaims>;
}

export interface TokensOptions extends TokenSettings {
  readonly signer: TokenSigner;
  readonly verifier: TokenVerifier;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Not copied from a refresh token to its access tokens. */
const ownClaims = new Set(["token_type", "exp", "jti"]);

export function createTokens({
  signer,
  verifier,
  now,
  accessLifetimeSeconds,
  refreshLifetimeSeconds,
}: TokensOptions): Tokens {
  const seconds = () => Math.floor(now() / 1000);
  const sign = async (claims: TokenClaims): Promise<Token> => ({ text: await signer.sign(claims), claims });
  const successorOf = ({ jti }: TokenClaims) => newTokenId(sessionIdOf(jti));

  return {
    refreshFor({ id }, sessionId) {
      const iat = seconds();
      const jti = newTokenId(sessionId);
      return sign({ token_type: "refresh", exp: iat + refreshLifetimeSeconds, iat, jti, user_id: id });
    },
    accessFrom(refresh) {
      const copied = Object.fromEntries(
        Object.entries(refresh).filter(([claim]) => !ownClaims.has(claim) && claim !== "iat"),
      );
      const exp = seconds() + accessLifetimeSeconds;
      return sign({ token_type: "access", exp, iat: refresh.iat ?? seconds(), jti: successorOf(refresh), ...copied });
    },
    rotate(refresh) {
      const iat = seconds();
      return sign({ ...refresh, exp: iat + refreshLifetimeSeconds, iat, jti: successorOf(refresh) });
    },
    verify(text, type) {
      const claims = verifier.verify(text);
      return claims instanceof Promise ? claims.then((verified) => checkKind(verified, type)) : checkKind(claims, type);
    },
  };
}

function checkKind(claims: Claims, type: TokenType | undefined): TokenClaims {
  if (type !== undefined && claims.token_type !== type) throw new TokenInvalid(`expected a token of type "${type}"`);
  // Only refresh tokens are looked up by their key; the reference takes an access token with a key of any form.
  if (claims.jti === undefined || (type !== "access" && typeof claims.jti !== "string"))
    throw new TokenClaimInvalid("jti", "expected a text");
  return claims as TokenClaims;
}
