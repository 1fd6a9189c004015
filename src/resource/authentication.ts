/**
 * Who is asking: the contract of an authenticator, and the step that asks them in order.
 *
 * The first authenticator of the list decides how a refusal looks: with its challenge a 401, without one a 403.
 * Reference: rest_framework.authentication, rest_framework.request.Request._authenticate.
 */
import type { Awaitable } from "../db/index.ts";
import type { Context } from "./context.ts";

/** A signed-in user: at least these columns of Django's `auth_user`. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly is_active: boolean;
  readonly is_staff: boolean;
  readonly is_superuser: boolean;
}

/** What an authenticator found: the user, and the credentials it was known by (claims of a token, a session). */
export interface Identity {
  readonly user: User;
  readonly credentials?: unknown;
  /** What the credentials are good for, where they are limited to scopes: `permission.scope` asks. */
  readonly scopes?: readonly string[];
}

/** A security scheme of OpenAPI 3.1 (section 4.8.27): a scheme of the header `Authorization`, or a text in a header or a cookie. */
export type SecurityScheme =
  | { readonly type: "http"; readonly scheme: string; readonly bearerFormat?: string; readonly description?: string }
  | {
      readonly type: "apiKey";
      readonly in: "header" | "cookie" | "query";
      readonly name: string;
      readonly description?: string;
    };

/**
 * One way of being known.
 *
 * @example
 * const apiKey: Authenticator = {
 *   name: "api-key",
 *   challenge: 'ApiKey realm="api"',
 *   varies: "X-Api-Key",
 *   authenticate: async ({ request, table }) => {
 *     const text = request.headers["x-api-key"];
 *     if (typeof text !== "string") return undefined;
 *     const [key] = await table(ApiKey).list({ where: { path: "text", value: text } });
 *     const user = key && (await table(User).find(key.owner));
 *     if (!user?.is_active) throw new AuthenticationFailed("This key is not known.");
 *     return { user };
 *   },
 * };
 */
export interface Authenticator {
  readonly name: string;
  /** Value of `WWW-Authenticate` in a 401; without one refusals are 403. */
  readonly challenge?: string;
  /** A header, beside `Authorization`, that it looks at: named in `Vary`. */
  readonly varies?: string;
  /** How credentials are sent, for documents (default: what the challenge or `varies` says). */
  readonly security?: SecurityScheme;
  /** Methods that change something carry a CSRF token in `X-CSRFToken` beside its credentials, for documents. */
  readonly needsCsrf?: boolean;
  /** Statuses that it refuses with beside 401 and 403, for documents. */
  readonly refuses?: readonly number[];
  /**
   * The identity, or undefined where the request carries no credentials of this kind.
   * @throws AuthenticationFailed  there are such credentials and they are wrong
   */
  authenticate(context: Context): Awaitable<Identity | undefined>;
}

/** Asks each authenticator until one knows the user; leaves the answer in the context. Waits only for one that waits. */
export function authenticate(context: Context, from = 0): Promise<void> | undefined {
  const { authenticators } = context.endpoint;
  for (let i = from; i < authenticators.length; i++) {
    const authenticator = authenticators[i] as Authenticator;
    if (authenticator.varies) context.vary(authenticator.varies);
    const answer = authenticator.authenticate(context);
    if (answer instanceof Promise) {
      return answer.then((identity) =>
        identity ? know(context, authenticator, identity) : authenticate(context, i + 1),
      );
    }
    if (answer) {
      know(context, authenticator, answer);
      return undefined;
    }
  }
  return undefined;
}

function know(context: Context, authenticator: Authenticator, identity: Identity): void {
  context.identity = identity;
  context.authenticator = authenticator;
}
