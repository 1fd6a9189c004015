/**
 * The claims that are ours under the names they have in tokens: TOKEN_TYPE_CLAIM, JTI_CLAIM, USER_ID_CLAIM.
 *
 * Everything here speaks of `token_type`, `jti` and `user_id`; a token may call them otherwise. What it calls ours without meaning
 * it (a `user_id` where the claim is `sub`) is never taken for it.
 * Reference: rest_framework_simplejwt.settings.
 */
import { ConfigurationError } from "../../errors.ts";
import type { Claims } from "./claims.ts";

export interface ClaimNames {
  readonly tokenTypeClaim: string;
  readonly jtiClaim: string;
  readonly userIdClaim: string;
}

export interface ClaimTranslation {
  /** As a token carries them, in the same order. */
  outward<T extends object>(claims: T): Readonly<Record<string, unknown>>;
  /** As the code knows them; what a token calls otherwise is there under both names. */
  inward(claims: Claims): Claims;
}

/** @throws ConfigurationError  two claims share a name, or one has a name of another meaning */
export function translateClaims({ tokenTypeClaim, jtiClaim, userIdClaim }: ClaimNames): ClaimTranslation {
  const pairs = [
    ["token_type", tokenTypeClaim, "JWT_TOKEN_TYPE_CLAIM"],
    ["jti", jtiClaim, "JWT_JTI_CLAIM"],
    ["user_id", userIdClaim, "JWT_USER_ID_CLAIM"],
  ] as const;
  const taken = new Set<string>(["exp", "nbf", "iat", "aud", "iss"]);
  for (const [, name, setting] of pairs) {
    if (taken.has(name)) throw new ConfigurationError(setting, `expected another name: "${name}" has another meaning`);
    taken.add(name);
  }
  const renamed = pairs.filter(([ours, name]) => ours !== name);
  if (renamed.length === 0)
    return { outward: (claims) => claims as Readonly<Record<string, unknown>>, inward: (claims) => claims };
  const nameOf = new Map<string, string>(renamed.map(([ours, name]) => [ours, name]));
  // Verified claims are kept by whoever verified them, so they are translated once.
  const known = new WeakMap<Claims, Claims>();
  return {
    outward: (claims) =>
      Object.fromEntries(
        Object.entries(claims)
          .filter(([name]) => !renamed.some(([, theirs]) => theirs === name))
          .map(([name, value]) => [nameOf.get(name) ?? name, value]),
      ),
    inward(claims) {
      const translated = known.get(claims) ?? {
        ...claims,
        ...Object.fromEntries(renamed.map(([ours, theirs]) => [ours, claims[theirs]])),
      };
      known.set(claims, translated);
      return translated;
    },
  };
}
