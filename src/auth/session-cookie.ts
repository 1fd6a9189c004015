/** The cookie of a session, as Django sets it. Reference: SESSION_COOKIE_AGE, _HTTPONLY and _SAMESITE. */
import type { Context } from "../resource/index.ts";
import { sessionCookie } from "./authenticators.ts";
import { serializeCookie } from "./cookies.ts";
import { sessionSeconds } from "./sessions.ts";

/** Gives the browser the key of its session; over HTTPS the cookie stays there. */
export function setSessionCookie(context: Context, key: string): void {
  const attributes = {
    maxAgeSeconds: sessionSeconds,
    httpOnly: true,
    sameSite: "Lax",
    secure: context.request.scheme === "https",
  } as const;
  context.setCookie(serializeCookie(sessionCookie, key, attributes, context.now));
}
