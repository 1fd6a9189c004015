/**
 * The token endpoints: obtain a pair, refresh, verify, blacklist.
 *
 * Each is an action like any other, without authenticators: what is sent in the body is the credential.
 * Reference: rest_framework_simplejwt.views and .serializers.
 * Differs: a refresh token of a user who is gone or inactive is refused; `token-pairs.ts` says what a refresh does.
 */
import type { Values } from "../../db/index.ts";
import { AuthenticationFailed, ValidationError } from "../../errors.ts";
import { field } from "../../model/index.ts";
import type { Context, Endpoint, Renderer } from "../../resource/index.ts";
import { TokenError } from "../errors.ts";
import type { UserRow } from "../models.ts";
import type { SecondStep } from "../second-factor/sign-in.ts";
import type { Browser } from "../sessions/browser.ts";
import type { SignIn } from "../sign-in.ts";
import type { Blacklist } from "./blacklist.ts";
import type { ClaimsOf } from "./custom-claims.ts";
import { type TokenCookies, tokenCookieEndpoints } from "./token-cookies.ts";
import { challengeOf, tokenEndpoint } from "./token-endpoint.ts";
import { NoActiveAccount, notValid, TokenNotValid } from "./token-not-valid.ts";
import type { TokenOwners } from "./token-owner.ts";
import type { Asking, TokenPairs } from "./token-pairs.ts";
import type { TokenClaims, Tokens, TokenType } from "./tokens.ts";

export interface TokenEndpointSettings {
  readonly slidingTokens: boolean;
  readonly authHeaderTypes: readonly string[];
}

export interface TokenEndpointParts extends TokenEndpointSettings {
  readonly tokens: Tokens;
  readonly signIn: SignIn;
  /** Where accounts may have a second factor. */
  readonly secondStep?: Pick<SecondStep, "complete"> | undefined;
  readonly blacklist: Blacklist;
  readonly pairs: TokenPairs;
  readonly owners: TokenOwners;
  readonly browser: Browser;
  /** The cookies that pages keep tokens in, where they may. */
  readonly cookies?: TokenCookies;
  /** What the app's own code says of a user. */
  readonly claimsOf: ClaimsOf;
  /** Told of every sign-in. */
  noteSignIn(user: UserRow): Promise<void>;
  readonly renderers: readonly [Renderer, ...Renderer[]];
  /** Where they stand, e.g. `/api/token/`. */
  readonly path: string;
}

export function tokenEndpoints(parts: TokenEndpointParts): Endpoint[] {
  const { tokens, blacklist, pairs, owners, path, renderers } = parts;
  const { claimsOf, noteSignIn, slidingTokens, authHeaderTypes } = parts;

  const endpoint = tokenEndpoint({ path, renderers, authHeaderTypes });

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

  /** From where a request asks for tokens, and what they are to say. */
  const askingOf = (context: Context): Asking => ({
    request: context.request,
    claimsOf: (user, before) => claimsOf(user, context, before),
  });

  const signInByCode = async ({ challenge, code }: Values, { request }: Context): Promise<UserRow> => {
    const user = await parts.secondStep?.complete(request, "token", String(challenge), String(code));
    if (!user) throw new AuthenticationFailed("This code is wrong, or too late.", "invalid_code");
    return user;
  };

  const beginWith =
    (signIn: (values: Values, context: Context) => Promise<UserRow>) => async (values: Values, context: Context) => {
      const user = await signIn(values, context);
      const pair = await pairs.begin(user, askingOf(context));
      await noteSignIn(user);
      return pair;
    };

  const refresh = async ({ refresh: text }: Values, context: Context) => {
    const sent = { text: String(text), claims: await read(text, "refresh") };
    // What the successor says is read as well: a machine whose clock is behind does not take it yet.
    return orNotValid(() => pairs.renew(sent, askingOf(context)));
  };

  const beginSlidingWith =
    (signIn: (values: Values, context: Context) => Promise<UserRow>) => async (values: Values, context: Context) => {
      const user = await signIn(values, context);
      const token = await pairs.beginSliding(user, askingOf(context));
      await noteSignIn(user);
      return { token };
    };

  const refreshSliding = async ({ token }: Values, context: Context) => {
    const sent = { text: String(token), claims: await read(token, "sliding") };
    return { token: await orNotValid(() => pairs.slide(sent, askingOf(context))) };
  };

  const verify = async ({ token }: Values) => {
    const claims = await read(token);
    if ((await blacklist.has(claims.jti)) || (await isRevoked(claims)))
      throw new ValidationError({ non_field_errors: [{ code: "blacklisted", message: "This token was revoked." }] });
    return {};
  };

  /** Its session has ended, or its password was changed. Whether its user may sign in is no question here, as in the reference. */
  const isRevoked = async (claims: TokenClaims): Promise<boolean> => {
    const owner = await owners.read(claims);
    return owner === "ended" || owner === "password";
  };

  const revoke = async ({ refresh: text }: Values, context: Context) => {
    await pairs.revoke({ text: String(text), claims: await read(text, "refresh") }, askingOf(context));
    return {};
  };

  /** Logs out; a token that was used already ends its session, too. */
  const leave = async (text: string, context: Context): Promise<void> => {
    const token = { text, claims: await read(text, "refresh") };
    try {
      await revoke({ refresh: text }, context);
    } catch (error) {
      if (!(error instanceof TokenNotValid)) throw error;
      await pairs.leave(token);
    }
  };

  const pair = { username: field.text({ maxLength: 150 }), password: field.text({ trim: false, writeOnly: true }) };
  const code = { challenge: field.text({ maxLength: 1000 }), code: field.text({ maxLength: 32 }) };
  const one = { refresh: field.text() };
  const text = { token: field.text() };
  /** What OPTIONS says of them: the reference sets the name no length, and shows what a refresh answers. */
  const describedPair = { ...pair, username: field.text() };
  const describedRefresh = { ...one, access: field.text({ readOnly: true }) };
  /** Where secrets of few characters are tried. */
  const rate = "token";
  return [
    endpoint("", "Obtain Pair", "Gives an access and a refresh token for a username and a password.", {
      ...{ name: "obtain", fields: pair, described: describedPair, run: beginWith(signIn), throttleScope: rate },
    }),
    endpoint("refresh", "Refresh", "Gives an access token for a refresh token.", {
      fields: one,
      run: refresh,
      described: describedRefresh,
    }),
    endpoint("verify", "Verify", "Says whether a token is valid.", { fields: text, run: verify }),
    endpoint("blacklist", "Blacklist", "Revokes a refresh token.", { fields: one, run: revoke }),
    ...(slidingTokens
      ? [
          endpoint("sliding", "Obtain Sliding", "Gives a sliding token for a username and a password.", {
            ...{ fields: pair, run: beginSlidingWith(signIn), throttleScope: rate },
          }),
          endpoint("sliding/refresh", "Refresh Sliding", "Gives a sliding token new times.", {
            ...{ fields: text, run: refreshSliding },
          }),
        ]
      : []),
    ...(parts.secondStep
      ? [
          endpoint(
            "second-factor",
            "Second Factor",
            "Gives an access and a refresh token for a challenge and a code.",
            {
              ...{ fields: code, run: beginWith(signInByCode), throttleScope: rate },
            },
          ),
        ]
      : []),
    ...(parts.secondStep && slidingTokens
      ? [
          endpoint(
            "sliding/second-factor",
            "Sliding Second Factor",
            "Gives a sliding token for a challenge and a code.",
            {
              ...{ fields: code, run: beginSlidingWith(signInByCode), throttleScope: rate },
            },
          ),
        ]
      : []),
    ...(parts.cookies
      ? tokenCookieEndpoints({
          ...{ cookies: parts.cookies, browser: parts.browser, renderers, refresh, leave },
          challenge: challengeOf(authHeaderTypes),
          password: { input: pair, run: beginWith(signIn) },
          ...(parts.secondStep && { code: { input: code, run: beginWith(signInByCode) } }),
        })
      : []),
  ];
}
