/**
 * What an account is known by: its password, its name, its address, each changed by whoever knows the present password, and the
 * first two by whoever reads the account's mail.
 *
 * Reference: djoser's `set_password`, `reset_password`, `reset_password_confirm`, and the same of `username`.
 * Differs: a link of one kind is none of another; a new address counts when its owner has followed a link, and the old one is told.
 */
import { UniqueViolation } from "../../db/index.ts";
import { type Issue, ValidationError } from "../../errors.ts";
import type { Context } from "../../resource/index.ts";
import type { UserRow } from "../models.ts";
import { alphanumeric, randomString } from "../random.ts";
import { currentSession } from "../tokens/session-id.ts";
import { normalEmail, normalUsername } from "../users.ts";
import { type Desk, invalidToken, nameTaken } from "./desk.ts";
import { idOf, resetState, stateWith } from "./link-token.ts";

/** What a link sends back. */
export interface Link {
  readonly uid: string;
  readonly token: string;
}

const wrongPassword: readonly Issue[] = [{ code: "invalid_password", message: "This is not the present password." }];

/** The signed-in account, whose present password was given. @throws ValidationError  another one was */
export async function confirmed(desk: Desk, context: Context, password: string): Promise<UserRow> {
  const user = await desk.account(context);
  if (await desk.checkPassword(context.request, user, password)) return user;
  throw new ValidationError({ current_password: wrongPassword });
}

async function checkPassword(desk: Desk, user: UserRow, password: string): Promise<void> {
  const issues = await desk.findPasswordIssues(password, user);
  if (issues.length > 0) throw new ValidationError({ new_password: issues });
}

export async function setPassword(desk: Desk, context: Context, current: string, password: string): Promise<void> {
  const user = await desk.account(context);
  const failed = (): ValidationError => {
    desk.note("authn_password_change_fail", user, context, "password");
    return new ValidationError({ current_password: wrongPassword });
  };
  if (!(await desk.checkPassword(context.request, user, current))) throw failed();
  await checkPassword(desk, user, password);
  if (!(await desk.users.setPassword(user.id, password, user.password, currentSession(context)))) throw failed();
  desk.note("authn_password_change", user, context);
  await keepSession(desk, context, user.id);
  desk.tell("passwordChanged", user);
}

/** The sessions of the old password have ended, but for that of the browser that changed it. */
async function keepSession(desk: Desk, context: Context, id: number): Promise<void> {
  if (context.authenticator?.name !== "session") return;
  const user = await desk.users.byId(id);
  if (!user) return;
  const key = await desk.sessions.cycle(user, String(context.identity?.credentials));
  if (key === undefined) return;
  desk.browser.session.set(context, key);
  desk.note("session_renewed", user, context, "password");
}

/** The active accounts with an address that have a password to lose. */
async function accountsAt({ users, isUsable }: Desk, email: string): Promise<readonly UserRow[]> {
  const found: UserRow[] = [];
  for (const id of await users.idsByEmail(email)) {
    const user = await users.byId(id);
    if (user?.is_active && isUsable(user.password)) found.push(user);
  }
  return found;
}

/** Mails go to the address that is stored, which may look the same as the one that was sent and be another. */
export function askReset(desk: Desk, kind: "resetPassword" | "resetUsername", email: string): void {
  const state = kind === "resetPassword" ? resetState : usernameState;
  desk.deliver(kind, async () =>
    (await accountsAt(desk, email)).map((user) => desk.mail(kind, user, desk.link(kind, user, state(user)))),
  );
}

const usernameState = (user: UserRow): string => stateWith(user, user.username);

export async function resetPassword(desk: Desk, context: Context, link: Link, password: string): Promise<void> {
  const failed = (): ValidationError => {
    desk.note("authn_password_change_fail", { id: idOf(link.uid) }, context, "link");
    return invalidToken();
  };
  const user = await desk
    .accountOfLink("resetPassword", link, (found) => (found.is_active ? resetState(found) : undefined))
    .catch((error: unknown) => {
      throw error instanceof ValidationError ? failed() : error;
    });
  await checkPassword(desk, user, password);
  // Of two that use the link at once, the second finds another encoding.
  if (!(await desk.users.setPassword(user.id, password, user.password))) throw failed();
  desk.note("authn_password_change", user, context, "reset");
  desk.tell("passwordChanged", user);
}

async function writeUsername({ store, database }: Desk, user: UserRow, username: string): Promise<void> {
  try {
    await store.update(database, user.id, { username });
  } catch (error) {
    throw error instanceof UniqueViolation ? nameTaken("new_username") : error;
  }
}

export async function setUsername(desk: Desk, context: Context, current: string, name: string): Promise<void> {
  const user = await confirmed(desk, context, current);
  const username = normalUsername(name);
  await writeUsername(desk, user, username);
  desk.note("user_updated", { ...user, username }, context, "username");
  desk.tell("usernameChanged", { ...user, username });
}

export async function resetUsername(desk: Desk, context: Context, link: Link, name: string): Promise<void> {
  const user = await desk.accountOfLink("resetUsername", link, (found) =>
    found.is_active ? usernameState(found) : undefined,
  );
  const username = normalUsername(name);
  await writeUsername(desk, user, username);
  desk.note("user_updated", { ...user, username }, context, "username");
  desk.tell("usernameChanged", { ...user, username });
}

/** Asks the owner of a new address; where it is that of another account, its owner is told instead. */
export async function setEmail(desk: Desk, context: Context, current: string, address: string): Promise<void> {
  const { users, pending, database } = desk;
  const user = await confirmed(desk, context, current);
  const value = normalEmail(address);
  desk.deliver("confirm email", async () => {
    const others = (await users.idsByEmail(value)).filter((id) => id !== user.id);
    if (others.length > 0) {
      const found = await Promise.all(others.map((id) => users.byId(id)));
      return found.filter((other) => other !== undefined).map((other) => desk.mail("alreadyRegistered", other));
    }
    const nonce = randomString(22, alphanumeric);
    await database.transaction((transaction) => pending.set(transaction, user.id, "email", { nonce, value }));
    return [desk.mail("confirmEmail", user, desk.link("email", user, stateWith(user, nonce, value)), value)];
  });
}

export async function confirmEmail(desk: Desk, context: Context, link: Link): Promise<void> {
  const { users, pending, store, database } = desk;
  let [nonce, email] = ["", ""];
  const user = await desk.accountOfLink("email", link, async (found) => {
    const row = await pending.find(database, found.id, "email");
    if (row === undefined || row.isUsed || !found.is_active) return undefined;
    [nonce, email] = [row.nonce, row.value];
    return stateWith(found, nonce, email);
  });
  await database.transaction(async (transaction) => {
    const others = (await users.idsByEmail(email, transaction)).filter((id) => id !== user.id);
    if (others.length > 0 || !(await pending.take(transaction, user.id, "email", nonce))) throw invalidToken();
    await store.update(transaction, user.id, { email });
  });
  desk.note("user_updated", user, context, "email");
  desk.tell("emailChanged", user);
}
