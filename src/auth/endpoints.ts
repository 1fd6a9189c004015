/**
 * The token endpoints: obtain a pair, refresh, verify, blacklist.
 *
 * Each is an action like any other, without authenticators: what is sent in the body is the credential.
 * Reference: rest_framework_simplejwt.views and .serializers.
 * Differs: a refresh token of a user who is gone or inactive is refused; two refreshes with one token have one winner.
 */
import type { Values } from "../db/index.ts";
import { AuthenticationFailed, ValidationError } from "../errors.ts";
import { type FieldMap, field } from "../model/index.ts";
import { type Context, createSerializer, type Endpoint, type Renderer } from "../resource/index.ts";
import { TokenNotValid } from "./authenticators.ts";
import type { Blacklist } from "./blacklist.ts";
import type { ClaimsOf } from "./custom-claims.ts";
import { TokenError } from "./errors.ts";
import type { AuthEventName, AuthEvents } from "./events.ts";
import type { UserRow } from "./models.ts";
import type { SignIn } from "./sign-in.ts";
import type { TokenUsers } from "./token-users.ts";
import type { TokenClaims, Tokens, TokenType } from "./tokens.ts";

export interface TokenEndpointSettings {
  readonly rotateRefreshTokens: boolean;
  readonly blacklistAfterRotation: boolean;
  readonly slidingTokens: boolean;
  readonly authHeaderTypes: readonly string[];
}

export interface TokenEndpointParts extends TokenEndpointSettings {
  readonly tokens: Tokens;
  readonly signIn: SignIn;
  readonly events: AuthEvents;
  readonly tokenUsers: TokenUsers;
  readonly blacklist: Blacklist;
  /** What the app's own code says of a user. */
  readonly claimsOf: ClaimsOf;
  /** Told of every sign-in. */
  noteSignIn(user: UserRow): Promise<void>;
  readonly renderers: readonly [Renderer, ...Renderer[]];
  /** Where they stand, e.g. `/api/token/`. */
  readonly path: string;
}

export function tokenEndpoints(parts: TokenEndpointParts): Endpoint[] {
  const { tokens, events, tokenUsers, blacklist, rotateRefreshTokens, blacklistAfterRotation, path, renderers } = parts;
  const { claimsOf, noteSignIn, slidingTokens, authHeaderTypes } = parts;

  const endpoint = (
    action: string,
    name: string,
    description: string,
    fields: FieldMap,
    run: (values: Values, context: Context) => Promise<unknown>,
  ): Endpoint => {
    const route = action === "obtain" ? path : `${path}${action}/`;
    const input = createSerializer(fields);
    const act = async (context: Context) => {
      const values = await input.read(await context.body(), { executor: context.services.database });
      // A token is for whoever asked, and for nothing between (RFC 6749 5.1, RFC 6750 5.3).
      return { status: 200, data: await run(values, context), headers: { "cache-control": "no-store" } };
    };
    return {
      ...{
        path: route,
        name,
        description,
        renderers,
        authenticators: [],
        permissions: [],
        formatSuffix: false,
      },
      challenge: `${authHeaderTypes[0]} realm="api"`,
      actions: { POST: { name: action, input, run: act } },
    };
  };

  const orNotValid = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      throw notValid();
    }
  };
  const read = (text: unknown, ...types: TokenType[]): Promise<TokenClaims> =>
    orNotValid(() => tokens.verify(String(text), ...types));

  const signIn = async ({ username, password }: Values, { request }: Context): Promise<UserRow> => {
    const user = await parts.signIn(request, "token", String(username), String(password));
    if (!user) throw new NoActiveAccount();
    return user;
  };

  const tell = (name: AuthEventName, { request }: Context, { jti }: TokenClaims, user: UserRow | undefined): void =>
    events.emit(name, { userId: user?.id, username: user?.username, detail: jti }, request);

  /** A token that was used or revoked before: perhaps somebody else has it, too. */
  const reused = async (claims: TokenClaims, context: Context): Promise<TokenNotValid> => {
    tell("authn_token_reuse", context, claims, await tokenUsers.account(claims));
    return notValid();
  };

  const obtain = async (values: Values, context: Context) => {
    const user = await signIn(values, context);
    const refresh = await tokens.refreshFor(tokenUsers.keyOf(user), await claimsOf(user, context));
    await noteSignIn(user);
    await blacklist.remember(refresh, user.id);
    tell("authn_token_created", context, refresh.claims, user);
    return { refresh: refresh.text, access: (await tokens.accessFrom(refresh.claims)).text };
  };

  const refresh = async ({ refresh: text }: Values, context: Context) => {
    const sent = await read(text, "refresh");
    if (await blacklist.has(sent.jti)) throw await reused(sent, context);
    const user = await tokenUsers.account(sent);
    if (!user?.is_active) throw new NoActiveAccount();
    const claims = { ...sent, ...(await claimsOf(user, context)) };
    const access = await tokens.accessFrom(claims);
    if (!rotateRefreshTokens) return { access: access.text };
    if (blacklistAfterRotation && !(await blacklist.add({ text: String(text), claims })))
      throw await reused(sent, context);
    const next = await tokens.rotate(claims);
    tell("authn_token_created", context, next.claims, user);
    return { access: access.text, refresh: next.text };
  };

  const obtainSliding = async (values: Values, context: Context) => {
    const user = await signIn(values, context);
    const sliding = await tokens.slidingFor(tokenUsers.keyOf(user), await claimsOf(user, context));
    await noteSignIn(user);
    await blacklist.remember(sliding, user.id);
    tell("authn_token_created", context, sliding.claims, user);
    return { token: sliding.text };
  };

  const refreshSliding = async ({ token }: Values, context: Context) => {
    const sent = await read(token, "sliding");
    if (await blacklist.has(sent.jti)) throw await reused(sent, context);
    const user = await tokenUsers.account(sent);
    if (!user?.is_active) throw new NoActiveAccount();
    const claims = { ...sent, ...(await claimsOf(user, context)) };
    return { token: (await orNotValid(() => tokens.slide(claims))).text };
  };

  const verify = async ({ token }: Values) => {
    const claims = await read(token);
    if (blacklistAfterRotation && (await blacklist.has(claims.jti))) {
      throw new ValidationError({ non_field_errors: [{ code: "blacklisted", message: "This token was revoked." }] });
    }
    return {};
  };

  const revoke = async ({ refresh: text }: Values, context: Context) => {
    const claims = await read(text, "refresh");
    if (!(await blacklist.add({ text: String(text), claims }))) throw await reused(claims, context);
    tell("authn_token_revoked", context, claims, await tokenUsers.account(claims));
    return {};
  };

  const pair = { username: field.text({ maxLength: 150 }), password: field.text({ trim: false, writeOnly: true }) };
  const one = { refresh: field.text() };
  const sliding = (): Endpoint[] => [
    {
      ...endpoint(
        "sliding",
        "Token Obtain Sliding",
        "Gives a sliding token for a username and a password.",
        pair,
        obtainSliding,
      ),
      throttleScope: "token",
    },
    endpoint(
      "sliding/refresh",
      "Token Refresh Sliding",
      "Gives a sliding token new times.",
      { token: field.text() },
      refreshSliding,
    ),
  ];
  return [
    {
      ...endpoint(
        "obtain",
        "Token Obtain Pair",
        "Gives an access and a refresh token for a username and a password.",
        pair,
        obtain,
      ),
      throttleScope: "token",
    },
    endpoint("refresh", "Token Refresh", "Gives an access token for a refresh token.", one, refresh),
    endpoint("verify", "Token Verify", "Says whether a token is valid.", { token: field.text() }, verify),
    endpoint("blacklist", "Token Blacklist", "Revokes a refresh token.", one, revoke),
    ...(slidingTokens ? sliding() : []),
  ];
}

const notValid = (): TokenNotValid => new TokenNotValid({ detail: "The token is not valid or has expired." });

class NoActiveAccount extends AuthenticationFailed {
  constructor() {
    super("There is no active account with these credentials.", "no_active_account");
  }
}
