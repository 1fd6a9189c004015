/**
 * Being known by a session or by Basic; by a token: `tokens/token-authenticators.ts`.
 * Reference: rest_framework.authentication.
 */
import { AuthenticationFailed } from "../errors.ts";
import type { Authenticator, User } from "../resource/index.ts";
import type { Browser } from "./sessions/browser.ts";
import { checkCsrf } from "./sessions/csrf-check.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { SignIn } from "./sign-in.ts";

/** What own code sees of an account is the same, whichever way it signed in. */
const signedIn = ({ id, username, is_active, is_staff, is_superuser }: User): User => ({
  ...{ id, username, is_active, is_staff, is_superuser },
});

/** `Authorization: Basic <base64 of username:password>` (RFC 7617). */
export function basic(signIn: SignIn): Authenticator {
  return {
    name: "basic",
    challenge: 'Basic realm="api"',
    security: { type: "http", scheme: "basic" },
    // Whoever tries too many passwords has to wait.
    refuses: [429],
    async authenticate({ request }) {
      const [scheme = "", encoded, ...more] = (request.headers.authorization ?? "").trim().split(/\s+/);
      if (scheme.toLowerCase() !== "basic") return undefined;
      if (encoded === undefined || more.length)
        throw new AuthenticationFailed("Expected Authorization: Basic, one space, and base64.");
      const pair = decodeBasic(encoded);
      if (!pair) throw new AuthenticationFailed("Expected the base64 of username:password.");
      const user = await signIn(request, "basic", ...pair);
      if (!user) throw new AuthenticationFailed("The username or the password is wrong.");
      return { user: signedIn(user) };
    },
  };
}

function decodeBasic(encoded: string): [username: string, password: string] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  const text = new TextDecoder("utf-8", { fatal: false }).decode(bytes);
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** How documents say that a cookie signs in. */
export const inCookie = (name: string, description: string): Pick<Authenticator, "security" | "needsCsrf"> => ({
  security: { type: "apiKey", in: "cookie", name, description },
  needsCsrf: true,
});

/** The cookie of a signed-in browser; writes need a CSRF token beside it. */
export function session(sessions: Pick<Sessions, "userOf">, browser: Browser): Authenticator {
  return {
    name: "session",
    varies: "Cookie",
    ...inCookie(browser.session.name, "A signed-in browser."),
    async authenticate(context) {
      if (context.request.headers.cookie === undefined) return undefined;
      const key = browser.session.of(context);
      if (key === undefined) return undefined;
      const user = await sessions.userOf(key, context.request);
      if (!user) {
        browser.session.forget(context);
        return undefined;
      }
      if (!user.is_active) return undefined;
      if (!context.isSafe) await checkCsrf(context, browser);
      return { user: signedIn(user), credentials: key };
    },
  };
}
