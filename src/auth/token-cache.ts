/**
 * Tokens whose signature was verified lately, with their claims: a bounded map that forgets the least recently used.
 *
 * One a process, asked by `jwt.ts`. Why it exists: a signature costs some 40 microseconds, a look-up a tenth of one.
 * What is kept says only "this text was signed by us"; times, and whatever revokes a token, are asked again at each use.
 */
import type { Claims } from "./claims.ts";

export interface TokenCache {
  get(token: string): Claims | undefined;
  set(token: string, claims: Claims): void;
}

/** @param capacity  number of tokens; 0 keeps none */
export function createTokenCache(capacity: number): TokenCache {
  if (!Number.isInteger(capacity) || capacity < 0) {
    throw new TypeError(`expected the size of the token cache to be a whole number from 0, got ${capacity}`);
  }
  // A Map lists its keys in the order they were set, so the first one is the least recently used.
  const entries = new Map<string, Claims>();
  return {
    get(token) {
      const claims = entries.get(token);
      if (claims === undefined) return undefined;
      entries.delete(token);
      entries.set(token, claims);
      return claims;
    },
    set(token, claims) {
      if (capacity === 0) return;
      entries.delete(token);
      if (entries.size >= capacity) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      entries.set(token, claims);
    },
  };
}
