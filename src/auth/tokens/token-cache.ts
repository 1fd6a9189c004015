/**
 * Tokens whose signature was verified lately, with their claims: a bounded map that forgets what was not used for long.
 *
 * One a process, asked by `jwt.ts`. Why it exists: an HMAC costs some 10 microseconds and a signature of a key pair more, a look-up a tenth of one.
 * What is kept says only "this text was signed by us"; times, and whatever revokes a token, are asked again at each use.
 * Two generations keep what is used: a token that is asked for moves to the new one, and when that is full the old one goes.
 * To put the tokens in the order of their use would hash a text of some 200 characters three times a request.
 */
import type { Claims } from "./claims.ts";

export interface TokenCache {
  get(token: string): Claims | undefined;
  set(token: string, claims: Claims): void;
}

/** @param capacity  most tokens that are kept; 0 keeps none */
export function createTokenCache(capacity: number): TokenCache {
  if (!Number.isInteger(capacity) || capacity < 0) {
    throw new TypeError(`expected the size of the token cache to be a whole number from 0, got ${capacity}`);
  }
  let young = new Map<string, Claims>();
  let old = new Map<string, Claims>();
  const set = (token: string, claims: Claims): void => {
    if (capacity === 0) return;
    if (young.size >= Math.max(1, Math.floor(capacity / 2))) {
      // A generation of one is all there is room for.
      old = capacity === 1 ? new Map() : young;
      young = new Map();
    }
    young.set(token, claims);
  };
  return {
    set,
    get(token) {
      const claims = young.get(token);
      if (claims !== undefined) return claims;
      const aged = old.get(token);
      if (aged !== undefined) {
        old.delete(token);
        set(token, aged);
      }
      return aged;
    },
  };
}
