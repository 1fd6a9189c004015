/**
 * What the routes of accounts work with: made once at start, and the few things that all of them do.
 */
import { createHash } from "node:crypto";
import type { Database, Store } from "../../db/index.ts";
import { type Issue, NotAuthenticated, ValidationError } from "../../errors.ts";
import type { Mail, Outbox } from "../../mail/index.ts";
import type { Context, Request, User as SignedIn, Throttle } from "../../resource/index.ts";
import type { AuthEventName, AuthEvents } from "../events.ts";
import type { UserRow } from "../models.ts";
import type { PasswordOwner } from "../passwords/validators.ts";
import type { Browser } from "../sessions/browser.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { SecretKeys } from "../signing.ts";
import type { Users } from "../users.ts";
import { createLinkTokens, idOf, type LinkTokens, resetSalt, uidOf } from "./link-token.ts";
import { createNotices, type Notices } from "./notices.ts";
import type { AccountLinks, Accounts } from "./options.ts";
import { type Pending, pendingOf } from "./pending.ts";

export interface DeskOptions {
  readonly accounts: Accounts;
  /** Name of the app, for mails. */
  readonly title: string;
  readonly database: Database;
  readonly store: Store;
  readonly users: Users;
  readonly events: AuthEvents;
  /** Whether this is the password of an account that is signed in; what is tried counts for the lock-out. */
  readonly checkPassword: (request: Request, user: SignedIn, password: string) => Promise<boolean>;
  readonly sessions: Sessions;
  readonly browser: Browser;
  readonly outbox: Outbox;
  readonly throttle?: Throttle;
  readonly secrets: SecretKeys;
  /** How long the link of a password reset works. */
  readonly resetTimeoutSeconds: number;
  /** How long other links work. */
  readonly linkTimeoutSeconds: number;
  /** What is wrong with a new password. */
  readonly findPasswordIssues: (password: string, owner: PasswordOwner) => Promise<readonly Issue[]>;
  /** A new encoding of a password. */
  readonly hash: (password: string) => Promise<string>;
  readonly isUsable: (encoded: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type AccountEvent = Extract<AuthEventName, `user_${string}` | `authn_password_${string}` | "session_renewed">;

export interface Desk extends DeskOptions, Notices {
  readonly pending: Pending;
  readonly tokens: Readonly<Record<keyof AccountLinks, LinkTokens>>;
  /** The link to a page of the front end, with who and a token. */
  link(page: keyof AccountLinks, user: UserRow, state: string): string;
  /** Sends what a client asked for, after the answer, and to no address too often. */
  deliver(purpose: string, make: () => Promise<readonly Mail[]>): void;
  /** Tells the audit log what happened to an account. */
  note(
    name: AccountEvent,
    user: { readonly id: number | undefined; readonly username?: string },
    context: Context,
    detail?: string,
  ): void;
  /** The whole account that is signed in. @throws NotAuthenticated */
  account(context: Context): Promise<UserRow>;
  /** The account that a link names, where its token was made of `state`. @throws ValidationError */
  accountOfLink(
    page: keyof AccountLinks,
    link: { readonly uid: string; readonly token: string },
    state: (user: UserRow) => string | undefined | Promise<string | undefined>,
  ): Promise<UserRow>;
}

export function createDesk(options: DeskOptions): Desk {
  const { accounts, users, outbox, throttle, secrets, now, events } = options;
  const tokensFor = (salt: string, timeoutSeconds = options.linkTimeoutSeconds): LinkTokens =>
    createLinkTokens({ ...secrets, salt, timeoutSeconds, now });
  const tokens = {
    activation: tokensFor("drf_auth.accounts.activation"),
    resetPassword: tokensFor(resetSalt, options.resetTimeoutSeconds),
    resetUsername: tokensFor("drf_auth.accounts.username", options.resetTimeoutSeconds),
    email: tokensFor("drf_auth.accounts.email"),
  };
  const mayReceive = async ({ to }: Mail): Promise<boolean> => {
    const who = createHash("sha256").update(to.toLowerCase()).digest("base64url");
    return (await throttle?.count("account_inbox", who, now())) === undefined;
  };
  const desk: Desk = {
    ...options,
    ...createNotices(options),
    ...{ tokens, pending: pendingOf(options.database) },
    link: (page, user, state) =>
      accounts.links[page].replaceAll("{uid}", uidOf(user.id)).replaceAll("{token}", tokens[page].make(state)),
    deliver: (purpose, make) =>
      outbox.post(purpose, async () => {
        const allowed: Mail[] = [];
        for (const mail of await make()) if (await mayReceive(mail)) allowed.push(mail);
        return allowed;
      }),
    note: (name, { id: userId, username }, { request }, detail) =>
      events.emit(name, { userId, username, detail }, request),
    async account({ user }) {
      const found = user && (await users.byId(user.id));
      if (!found) throw new NotAuthenticated();
      return found;
    },
    async accountOfLink(page, { uid, token }, state) {
      const id = idOf(uid);
      const user = id === undefined ? undefined : await users.byId(id);
      const expected = user && (await state(user));
      if (!user || expected === undefined || !tokens[page].check(token, expected)) throw invalidToken();
      return user;
    },
  };
  return desk;
}

/** The same whether the account is not there, the token is wrong, or it is too old. */
export const invalidToken = (): ValidationError =>
  new ValidationError({ token: [{ code: "invalid_token", message: "This link is not valid, or not any more." }] });

export const nameTaken = (field: string): ValidationError =>
  new ValidationError({ [field]: [{ code: "unique", message: "Somebody else has this name." }] });
