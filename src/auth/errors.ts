/**
 * What can be wrong with a token or a signed text. Nothing here knows HTTP: the edge (`authenticate.ts`, `endpoints.ts`)
 * turns these into 401s.
 *
 * No message ever contains the token, and none has a `cause`: a parser's error quotes what it could not read.
 * Reference: rest_framework_simplejwt.exceptions.TokenError, jwt.exceptions, django.core.signing.BadSignature.
 */
import { DrfAuthError } from "../errors.ts";

/** A token that must not be trusted. */
export abstract class TokenError extends DrfAuthError {
  constructor(message: string) {
    super(message, undefined, true);
  }
}

/** Not a token of ours: malformed, of another algorithm, or signed with another key. */
export class TokenInvalid extends TokenError {
  override readonly code: string = "token_invalid";
}

/** A claim is missing or not what it must be; `claim` names it. */
export class TokenClaimInvalid extends TokenInvalid {
  override readonly code = "token_claim_invalid";
  readonly claim: string;
  constructor(claim: string, expected: string) {
    super(`claim "${claim}": ${expected}`);
    this.claim = claim;
  }
}

/** The time in `exp` has passed (RFC 7519 4.1.4). */
export class TokenExpired extends TokenError {
  override readonly code = "token_expired";
  constructor() {
    super("the token has expired");
  }
}

/** The time in `nbf` or `iat` has not come yet (RFC 7519 4.1.5 and 4.1.6). */
export class TokenNotYetValid extends TokenError {
  override readonly code = "token_not_yet_valid";
  constructor() {
    super("the token is not valid yet");
  }
}

/** A signed text was not signed with any of our keys, or is malformed. */
export class BadSignature extends DrfAuthError {
  override readonly code: string = "bad_signature";
}

/** A signed text is right, but older than accepted. */
export class SignatureExpired extends BadSignature {
  override readonly code = "signature_expired";
}
