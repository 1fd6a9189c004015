/**
 * Access tokens, by hand: HMAC-SHA256 over the text, and a map of the texts that were verified before.
 *
 * Only what this peer accepts: HS256, `token_type` access, `exp` in seconds (checked at every use), a whole `user_id`.
 */
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { User } from "./database.ts";

export interface AccessToken {
  readonly userId: number;
  /** Seconds since 1970. */
  readonly exp: number;
  /** Its user, who was found to be active. */
  user: User | undefined;
  /** When that was, milliseconds since 1970. */
  userAt: number;
}

/** Makes the check of a token; it returns undefined for one that is not valid now. */
export function createTokenCheck(secret: string): (token: string) => AccessToken | undefined {
  // As a KeyObject: a key in text would be converted at every use.
  const key = createSecretKey(secret, "utf8");
  const verified = new Map<string, AccessToken>();
  return (token) => {
    let claims = verified.get(token);
    if (claims === undefined) {
      claims = verify(token, (text) => createHmac("sha256", key).update(text).digest());
      if (claims === undefined) return undefined;
      if (verified.size >= 10_000) verified.clear();
      verified.set(token, claims);
    }
    return claims.exp > Date.now() / 1000 ? claims : undefined;
  };
}

function verify(token: string, sign: (text: string) => Buffer): AccessToken | undefined {
  const [header = "", payload = "", signature = "", ...rest] = token.split(".");
  const given = Buffer.from(signature, "base64url");
  const expected = sign(`${header}.${payload}`);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { alg } = parse(header);
  const { token_type, exp, user_id } = parse(payload);
  if (alg !== "HS256" || token_type !== "access" || typeof exp !== "number") return undefined;
  return typeof user_id === "number" && Number.isSafeInteger(user_id)
    ? { userId: user_id, exp, user: undefined, userAt: 0 }
    : undefined;
}

/** The members of an encoded object; none if it is not one. */
function parse(encoded: string): { readonly [name: string]: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(encoded, "base64url").toString()));
  } catch {
    return {};
  }
}
