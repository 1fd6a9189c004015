/**
 * Becoming a user: register, follow the link, or have it sent again.
 *
 * With activation the answer is the same whether name and address are free or not, and comes before anybody looks; the mail says
 * the rest, to whoever owns the address.
 * Reference: djoser's `/users/`, `/users/activation/` and `/users/resend_activation/`.
 * Differs: djoser says which names and keys there are; its token activates an account that staff switched off.
 */
import { UniqueViolation, type Values } from "../../db/index.ts";
import { PermissionDenied, ValidationError } from "../../errors.ts";
import type { Mail } from "../../mail/index.ts";
import type { Context } from "../../resource/index.ts";
import type { UserRow } from "../models.ts";
import { alphanumeric, randomString } from "../random.ts";
import { type NewUser, normalEmail, normalUsername } from "../users.ts";
import type { Link } from "./credentials.ts";
import { type Desk, invalidToken, nameTaken } from "./desk.ts";
import { stateWith } from "./link-token.ts";

/** Registers. @returns what the client is told */
export async function register(desk: Desk, values: Values, context: Context): Promise<Record<string, unknown>> {
  const wanted = wantedAccount(values);
  const { username, email = "" } = wanted;
  const password = String(values.password);
  const issues = await desk.findPasswordIssues(password, wanted);
  if (issues.length > 0) throw new ValidationError({ password: issues });
  const encoded = await desk.hash(password);
  const told = Object.fromEntries(desk.accounts.fields.map((name) => [name, wanted[name] ?? ""]));
  if (!desk.accounts.activation) {
    const id = await desk.users.create({ ...wanted, encoded }).catch((error: unknown) => {
      throw error instanceof UniqueViolation ? nameTaken("username") : error;
    });
    desk.note("user_created", { id, username }, context);
    return { email, id, username, ...told };
  }
  desk.deliver("registration", async () => {
    try {
      return await makeInactive(desk, context, { ...wanted, encoded });
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      return [desk.mail("usernameTaken", { username, email })];
    }
  });
  return { email, username, ...told };
}

function wantedAccount({ username, email, first_name, last_name }: Values): NewUser {
  return {
    username: normalUsername(String(username)),
    password: null,
    email: normalEmail(String(email ?? "")),
    first_name: String(first_name ?? ""),
    last_name: String(last_name ?? ""),
  };
}

/** Makes an account that waits for its link; where the address has one that does not wait, its owner is told instead. */
async function makeInactive(
  desk: Desk,
  context: Context,
  wanted: NewUser & { readonly encoded: string },
): Promise<readonly Mail[]> {
  const { users, pending, store, database } = desk;
  const { username, email = "" } = wanted;
  const known = await accountsOf(desk, email);
  const owners = known.filter(({ waits }) => !waits);
  if (owners.length > 0) return owners.map(({ user }) => desk.mail("alreadyRegistered", user));
  const nonce = randomString(22, alphanumeric);
  const again = known.find(({ user }) => user.username === username);
  const id = await database.transaction(async (transaction) => {
    // The last password that was chosen counts: an earlier one may be that of somebody who does not own the address.
    const { encoded: password, first_name, last_name } = wanted;
    if (again) {
      // Once the link was followed, the password belongs to whoever did it.
      if (!(await pending.take(transaction, again.user.id, "activation", again.nonce))) return undefined;
      await store.update(transaction, again.user.id, { password, first_name, last_name });
    }
    const key = again?.user.id ?? (await users.create({ ...wanted, is_active: false }, transaction));
    await pending.set(transaction, key, "activation", { nonce, value: "" });
    return key;
  });
  if (id === undefined) return makeInactive(desk, context, wanted);
  if (!again) desk.note("user_created", { id, username }, context);
  const user = await users.byId(id);
  return user ? [activationMail(desk, user, nonce)] : [];
}

const activationMail = (desk: Desk, user: UserRow, nonce: string): Mail =>
  desk.mail("activation", user, desk.link("activation", user, stateWith(user, nonce)));

/** The accounts with an address, and whether each still waits for its link. */
async function accountsOf({ users, pending, database }: Desk, email: string) {
  const found: { readonly user: UserRow; readonly waits: boolean; readonly nonce: string }[] = [];
  for (const id of await users.idsByEmail(email)) {
    const user = await users.byId(id);
    const row = await pending.find(database, id, "activation");
    if (user) found.push({ user, waits: row?.isUsed === false && !user.is_active, nonce: row?.nonce ?? "" });
  }
  return found;
}

/**
 * Activates the account of a link. Of several that wait at one address its owner chooses one; the others go.
 * @throws ValidationError | PermissionDenied  it is active already
 */
export async function activate(desk: Desk, context: Context, link: Link): Promise<void> {
  const { users, pending, store, database } = desk;
  let nonce = "";
  const user = await desk.accountOfLink("activation", link, async (found) => {
    const row = await pending.find(database, found.id, "activation");
    nonce = row?.nonce ?? "";
    return row && stateWith(found, row.nonce);
  });
  if (user.is_active) throw new PermissionDenied("This account is active already.", "stale_token");
  const known = await accountsOf(desk, user.email);
  const waiting = new Map(known.filter(({ waits }) => waits).map((each) => [each.user.id, each.nonce]));
  waiting.set(user.id, nonce);
  await database.transaction(async (transaction) => {
    const ids = new Set([...(await users.idsByEmail(user.email, transaction)), user.id]);
    // In one order, so that of two that are activated at once the second waits for the first, and finds its own taken.
    for (const id of [...ids].toSorted((one, other) => one - other)) {
      // A link that was used switches nobody on again; nor does one to an address that has become another account's.
      if (!(await pending.take(transaction, id, "activation", waiting.get(id) ?? ""))) throw invalidToken();
    }
    await store.update(transaction, user.id, { is_active: true });
  });
  desk.note("user_updated", user, context, "activated");
  for (const [id] of waiting) await discard(desk, id, context);
}

/** Deletes an account that nobody can activate any more. */
async function discard({ users, note }: Desk, id: number, context: Context): Promise<void> {
  const user = await users.byId(id);
  if (!user || user.is_active) return;
  await users.remove(id);
  note("user_deleted", user, context, "address");
}

/** Sends the link again to whoever waits for it. */
export function resendActivation(desk: Desk, email: string): void {
  desk.deliver("resend activation", async () =>
    (await accountsOf(desk, email))
      .filter(({ waits }) => waits)
      .map(({ user, nonce }) => activationMail(desk, user, nonce)),
  );
}
