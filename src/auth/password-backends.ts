/**
 * Who knows that a name and a password belong together: the table of accounts, and what an app asks beside it, such as LDAP.
 *
 * Asked in the order of the list, at every door where a password is shown: the token routes, the login page, Basic. The first one that
 * knows an active account decides.
 * Reference: AUTHENTICATION_BACKENDS, django.contrib.auth.authenticate.
 * Differs: a backend gives the key of an account and nothing else; permissions are those of the account.
 */

import type { Database, Store } from "../db/index.ts";
import { type Table, tablesOf, UniqueViolation } from "../db/index.ts";
import { ConfigurationError, PermissionDenied } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { isoTime } from "../resource/index.ts";
import { type NewUser, normalUsername, type Users } from "./users.ts";

/** What somebody shows who wants to be signed in, and what a backend works with. */
export interface PasswordAttempt {
  /** As it was typed. */
  readonly username: string;
  /** Never empty: many directories take an empty one for a question that needs none. */
  readonly password: string;
  /** The rows of a model; scope and permissions are not asked. */
  table<M extends Model>(model: M): Table<M>;
  /**
   * The key of the account with a name. Where there is none it is made, with no password of its own. One that is there stays as it
   * is: whoever the backend knows under that name is let in to it.
   */
  ensureUser(values: Omit<NewUser, "password" | "encoded">): Promise<number>;
}

/**
 * Somebody who can tell whether a password is right.
 *
 * @example
 * const directory: PasswordBackend = {
 *   name: "ldap",
 *   async authenticate({ username, password, ensureUser }) {
 *     const person = await lookUp(username, password);
 *     return person && ensureUser({ username: person.uid, email: person.mail });
 *   },
 *   canonicalName: (username) => username.toLowerCase(),
 * };
 */
export interface PasswordBackend {
  readonly name: string;
  /**
   * One spelling for all that it takes for one name; where it minds no case, that in lower case. The lock-out counts by it: or else each
   * spelling could be tried anew. Names that differ in nothing else are then counted together, also where they are two accounts.
   * (Default: every spelling is a name of its own.)
   */
  canonicalName?(username: string): string;
  /**
   * The key of the account, or undefined where name and password are not known here, so that the next backend is asked.
   * @throws PermissionDenied  they are refused, whatever others say
   */
  authenticate(attempt: PasswordAttempt): Promise<number | undefined>;
}

/** Who is asked, in order; `"model"` is the table of accounts (Django's ModelBackend). */
export type PasswordBackends = readonly ("model" | PasswordBackend)[];

const nameOf = (backend: "model" | PasswordBackend): string => (backend === "model" ? backend : backend.name);

/** @throws ConfigurationError  there is none, or two have one name */
export function checkBackends(backends: PasswordBackends): void {
  const place = "app, backends";
  if (backends.length === 0) throw new ConfigurationError(place, 'expected at least one, such as "model"');
  const names = backends.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new ConfigurationError(place, `"${twice}" is there twice`);
}

/** The one spelling of a name by which its tries are counted, whichever of the backends is meant. */
export const canonicalNameOf =
  (backends: PasswordBackends = []) =>
  (username: string): string =>
    backends.reduce<string>(
      (name, backend) => (backend === "model" ? name : (backend.canonicalName?.(name) ?? name)),
      username,
    );

/** The same accounts, signed in by whom the list names. */
export function withBackends(
  users: Users,
  backends: PasswordBackends,
  { database, store, now }: { readonly database: Database; store(model: Model): Store; now(): number },
): Users {
  const open = tablesOf(store);
  const ensureUser: PasswordAttempt["ensureUser"] = async (values) => {
    const username = normalUsername(values.username);
    const known = await users.byUsername(username);
    if (known) return known.id;
    try {
      return await users.create({ ...values, password: null });
    } catch (error) {
      // Somebody else's first sign-in at the same time.
      const made = error instanceof UniqueViolation ? await users.byUsername(username) : undefined;
      if (!made) throw error;
      return made.id;
    }
  };
  const ask = async (backend: PasswordBackend, username: string, password: string) => {
    if (password === "") return undefined;
    const stamp = { now: isoTime(now()), userId: null };
    const key = await backend.authenticate({
      ...{ username, password, ensureUser },
      table: (model) => open(model, database, stamp),
    });
    return key === undefined ? undefined : users.byId(key);
  };
  return {
    ...users,
    async signIn(username, password) {
      try {
        for (const backend of backends) {
          const user = await (backend === "model"
            ? users.signIn(username, password)
            : ask(backend, username, password));
          if (user?.is_active) return user;
        }
      } catch (error) {
        if (!(error instanceof PermissionDenied)) throw error;
      }
      return undefined;
    },
  };
}
