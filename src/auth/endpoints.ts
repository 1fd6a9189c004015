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
import { type Context, createSerializer, type Endpoint, type Renderer, type Request } from "../resource/index.ts";
import { TokenNotValid, userIdOf } from "./authenticators.ts";
import type { Blacklist } from "./blacklist.ts";
import { TokenError } from "./errors.ts";
import type { AuthEvents } from "./events.ts";
import type { SignIn } from "./sign-in.ts";
import type { TokenClaims, Tokens, TokenType } from "./tokens.ts";
import type { Users } from "./users.ts";

export interface TokenEndpointSettings {
  readonly rotateRefreshTokens: boolean;
  readonly blacklistAfterRotation: boolean;
}

export interface TokenEndpointParts extends TokenEndpointSettings {
  readonly tokens: Tokens;
  readonly users: Users;
  readonly signIn: SignIn;
  readonly events: AuthEvents;
  readonly blacklist: Blacklist;
  readonly renderers: readonly [Renderer, ...Renderer[]];
  /** Where they stand, e.g. `/api/token/`. */
  readonly path: string;
}

export function tokenEndpoints(parts: TokenEndpointParts): Endpoint[] {
  const { tokens, users, signIn, events, blacklist, rotateRefreshTokens, blacklistAfterRotation, path, renderers } =
    parts;

  const endpoint = (
    action: string,
    name: string,
    description: string,
    fields: FieldMap,
    run: (values: Values, request: Request) => Promise<unknown>,
  ): Endpoint => {
    const route = action === "obtain" ? path : `${path}${action}/`;
    const input = createSerializer(fields);
    const act = async (context: Context) => {
      const values = await input.read(await context.body(), { executor: context.services.database });
      return { status: 200, data: await run(values, context.request) };
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
      challenge: 'Bearer realm="api"',
      actions: { POST: { name: action, input, run: act } },
    };
  };

  const read = async (text: unknown, type?: TokenType): Promise<TokenClaims> => {
    try {
      return await tokens.verify(String(text), type);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      throw notValid();
    }
  };

  /** A refresh token that was used or revoked before: perhaps somebody else has it, too. */
  const reused = (claims: TokenClaims, request: Request): TokenNotValid => {
    events.emit("authn_token_reuse", { userId: userIdOf(claims), detail: claims.jti }, request);
    return notValid();
  };

  const obtain = async ({ username, password }: Values, request: Request) => {
    const user = await signIn(request, "token", String(username), String(password));
    if (!user) throw new NoActiveAccount();
    const refresh = await tokens.refreshFor(user);
    await blacklist.remember(refresh, user.id);
    events.emit(
      "authn_token_created",
      { userId: user.id, username: user.username, detail: refresh.claims.jti },
      request,
    );
    return { refresh: refresh.text, access: (await tokens.accessFrom(refresh.claims)).text };
  };

  const refresh = async ({ refresh: text }: Values, request: Request) => {
    const claims = await read(text, "refresh");
    if (await blacklist.has(claims.jti)) throw reused(claims, request);
    const id = userIdOf(claims);
    const user = id === undefined ? undefined : await users.byId(id);
    if (!user?.is_active) throw new NoActiveAccount();
    const access = await tokens.accessFrom(claims);
    if (!rotateRefreshTokens) return { access: access.text };
    if (blacklistAfterRotation && !(await blacklist.add({ text: String(text), claims }))) throw reused(claims, request);
    const next = await tokens.rotate(claims);
    events.emit("authn_token_created", { userId: id, username: user.username, detail: next.claims.jti }, request);
    return { access: access.text, refresh: next.text };
  };

  const verify = async ({ token }: Values) => {
    const claims = await read(token);
    if (blacklistAfterRotation && (await blacklist.has(claims.jti))) {
      throw new ValidationError({ non_field_errors: [{ code: "blacklisted", message: "This token was revoked." }] });
    }
    return {};
  };

  const revoke = async ({ refresh: text }: Values, request: Request) => {
    const claims = await read(text, "refresh");
    if (!(await blacklist.add({ text: String(text), claims }))) throw reused(claims, request);
    events.emit("authn_token_revoked", { userId: userIdOf(claims), detail: claims.jti }, request);
    return {};
  };

  const pair = { username: field.text({ maxLength: 150 }), password: field.text({ trim: false, writeOnly: true }) };
  const one = { refresh: field.text() };
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
  ];
}

const notValid = (): TokenNotValid => new TokenNotValid({ detail: "The token is not valid or has expired." });

class NoActiveAccount extends AuthenticationFailed {
  constructor() {
    super("There is no active account with these credentials.", "no_active_account");
  }
}
