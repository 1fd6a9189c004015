/** Who asks: the accounts of the matrix. */
import type { Client } from "./client.ts";
import type { Test, UserFlags } from "./test-app.ts";

/**
 * Who asks. `owner` is whose the row is, or the rows that a body links to; `other` has a row of his own, `user` has none. Where
 * nothing has an owner, these two are left out. `admin` is a superuser, who is staff, too; `inactive` signed in and was then
 * switched off.
 */
export const actors = ["anonymous", "user", "owner", "other", "staff", "admin", "inactive"] as const;
export type Actor = (typeof actors)[number];

export interface Asker {
  readonly name: Actor;
  /** Key of the account; undefined where there is none. */
  readonly id?: number;
  readonly client: Client;
}

const flags: Readonly<Partial<Record<Actor, UserFlags>>> = {
  staff: { is_staff: true },
  admin: { is_staff: true, is_superuser: true },
  inactive: { is_active: false },
};

/** Makes the accounts and signs them in. */
export async function makeAskers({ client, user }: Test): Promise<readonly Asker[]> {
  const askers: Asker[] = [];
  for (const name of actors)
    askers.push(name === "anonymous" ? { name, client } : { name, ...(await user(name, flags[name])) });
  return askers;
}
