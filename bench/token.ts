/** An access token as the servers under test expect it. Reference: rest_framework_simplejwt.tokens.AccessToken. */
import { createHmac } from "node:crypto";

/**
 * Signs an access token.
 *
 * @param now  milliseconds since 1970; the token is good for six hours from then
 */
export function signAccessToken(secret: string, userId: number, now: number): string {
  const iat = Math.floor(now / 1000);
  const claims = { token_type: "access", exp: iat + 6 * 3600, iat, jti: "0".repeat(32), user_id: userId };
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
