/** The account that a command line names. */
import type { UserRow, Users } from "../auth/index.ts";
import { DrfAuthError } from "../errors.ts";

/** An account is not there, or cannot be made or changed as asked. */
export class AccountRefused extends DrfAuthError {
  readonly code = "account_refused";
}

/** @throws AccountRefused  there is none of that name */
export async function accountNamed(users: Users, username = ""): Promise<UserRow> {
  const user = await users.byUsername(username);
  if (!user) throw new AccountRefused(`there is no account "${username}"`);
  return user;
}
