/**
 * Claims of an app's own in its tokens: what the hook of `defineApp({ tokens: { claims } })` says of a user.
 *
 * Asked when a user signs in, and again with every refresh, so that what changed is known as soon as the next access token is made.
 * Reference: rest_framework_simplejwt's customized `get_token`. Differs: there, what was said at the sign-in is copied for ever.
 */
import type { Awaitable } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Context } from "../resource/index.ts";
import type { UserRow } from "./models.ts";

/** Names that have a meaning already. */
const reservedNames = [
  ...["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "token_type", "user_id", "refresh_exp", "client_id", "cnf"],
] as const;

/** Claims of an app's own; `scope` are its scopes, with blanks between them (RFC 8693 4.2). A claim that is undefined is left out. */
export type CustomClaims = { readonly [claim: string]: unknown } & {
  readonly scope?: string | undefined;
} & { readonly [Name in (typeof reservedNames)[number]]?: never };

/** The `tokens` of an app. */
export interface TokenOptions {
  /**
   * Claims of a user's tokens, beside ours. A hook may look at rows.
   * @example
   * tokens: {
   *   claims: async ({ id, is_staff }, { table }) => ({
   *     scope: is_staff ? "orders:read orders:write" : "orders:read",
   *     teams: (await table(Member).list({ where: { path: "user", value: id } })).map(({ team }) => team),
   *   }),
   * },
   */
  readonly claims?: (
    user: Omit<UserRow, "password">,
    context: Pick<Context, "table" | "now">,
  ) => Awaitable<CustomClaims>;
}

/**
 * The claims that the hook says, checked.
 * @param before  the claims of the token that is refreshed: what the hook does not say any more is undefined
 */
export type ClaimsOf = (
  user: UserRow,
  context: Context,
  before?: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

/** Says which password a token of the reference was given for (`token-owner.ts`). */
const passwordClaim = "hash_password";

/**
 * @param ownNames  names of claims that settings gave a meaning
 * @returns a function that throws ConfigurationError where the hook names a claim that is reserved
 */
export function customClaims({ claims }: TokenOptions, ownNames: readonly string[]): ClaimsOf {
  if (!claims) return async () => ({});
  const reserved = new Set<string>([...reservedNames, ...ownNames]);
  return async (user, context, before = {}) => {
    const said = await claims(user, { now: context.now, table: (model) => context.table(model) });
    for (const name of Object.keys(said)) {
      if (reserved.has(name)) throw new ConfigurationError("app, tokens.claims", `the claim "${name}" is reserved`);
    }
    if (said.scope !== undefined && typeof said.scope !== "string")
      throw new ConfigurationError(
        "app, tokens.claims",
        'expected "scope" to be a text with blanks between the scopes',
      );
    const others = Object.keys(before).filter((name) => !reserved.has(name) && name !== passwordClaim);
    return { ...Object.fromEntries(others.map((name) => [name, undefined])), ...said };
  };
}
