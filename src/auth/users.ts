/**
 * The accounts: found by key or name, signed in by password, asked for their permissions.
 *
 * Reference: django.contrib.auth.backends.ModelBackend.
 */
import {
  type Awaitable,
  after,
  builder,
  type Database,
  defineStatement,
  type Executor,
  type SqlRow,
  type Store,
  slot,
  statement,
} from "../db/index.ts";
import { isoTime } from "../resource/index.ts";
import { accountReader } from "./account-row.ts";
import { User, type UserRow } from "./models.ts";
import type { Decoys } from "./passwords/decoys.ts";
import type { Passwords } from "./passwords/passwords.ts";

export interface Users {
  /** The whole account with a key; undefined where there is none. */
  byId(id: number): Awaitable<UserRow | undefined>;
  byUsername(username: string): Awaitable<UserRow | undefined>;
  /**
   * The active account with this name and password, or undefined.
   * An unknown name takes as long as a wrong password; an outdated encoding is replaced.
   */
  signIn(username: string, password: string): Promise<UserRow | undefined>;
  /** His own and his groups' permissions, as `label.codename`. */
  permissionsOf(user: { readonly id: number }): Promise<ReadonlySet<string>>;
  /** Makes an account and returns its key. @throws UniqueViolation  the name is taken */
  create(values: NewUser, executor?: Executor): Promise<number>;
  /** Keys of the accounts with an e-mail address, whatever its case. */
  idsByEmail(email: string, executor?: Executor): Promise<readonly number[]>;
  /**
   * Writes a new password: the one place for it. Sessions, and links that were sent, end with the old one.
   * @param seen  the encoding that it is to replace; where it is another one by now, nothing is written
   * @param kept  the session of tokens that goes on all the same: the one that the new password was chosen in
   * @returns whether it was written
   */
  setPassword(id: number, password: string, seen?: string, kept?: string): Promise<boolean>;
  /** Deletes an account with all that is his. @throws ForeignKeyViolation  other rows refer to it */
  remove(id: number): Promise<void>;
  /** Notes that an account signed in just now (`last_login`). */
  noteLogin(id: number): Promise<void>;
}

export interface NewUser {
  readonly username: string;
  /** Null makes an account that nobody can sign in to. */
  readonly password: string | null;
  /** An encoding that was made before; `password` is not looked at then. */
  readonly encoded?: string;
  readonly email?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly is_staff?: boolean;
  readonly is_superuser?: boolean;
  /** False: it cannot sign in yet (default true). */
  readonly is_active?: boolean;
}

/** A name as it is stored: texts that look the same are the same. Reference: AbstractBaseUser.normalize_username. */
export const normalUsername = (username: string): string => username.normalize("NFKC");

/** An address as it is stored: case does not matter in its domain. Reference: BaseUserManager.normalize_email. */
export function normalEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return at < 0 ? email : email.slice(0, at) + email.slice(at).toLowerCase();
}

/** Told of what is written about accounts: so whoever remembers something about them has one place to learn of it. */
export interface AccountListener {
  /**
   * In the transaction that replaces one encoding of a password by another: what goes on with the new one.
   * @param kept  a session of tokens, or all of them where the password is the same
   */
  replaced(transaction: Executor, userId: number, from: string, to: string, kept: string | "all"): Promise<void>;
  /**
   * In the transaction that writes a password that somebody chose: what was issued before ends.
   * @param kept  the session of tokens that goes on
   */
  chosen(transaction: Executor, userId: number, kept: string | undefined): Promise<void>;
  /** In the transaction that deletes an account. */
  removed(transaction: Executor, userId: number): Promise<void>;
  /** After another password was written, or the account was deleted. */
  changed(userId: number): void;
}

export interface UsersOptions {
  readonly listener?: AccountListener;
  /** What a password is compared with where there is no account (default: nothing; it costs what a new encoding costs). */
  readonly decoys?: Decoys;
}

export function createUsers(
  database: Database,
  store: Store,
  passwords: Passwords,
  now: () => number,
  { listener, decoys }: UsersOptions = {},
): Users {
  const selection = store.selection();
  const read = accountReader(selection);
  const findById = store.finder(selection);
  const findByUsername = store.finder(selection, "username");
  const found = (row: Awaitable<SqlRow | undefined>): Awaitable<UserRow | undefined> => after(row, read);
  const permissions = permissionsStatement(database);
  // PostgreSQL has no null characters, so nobody is called that.
  const byUsername: Users["byUsername"] = (username) =>
    username.includes("\0") ? undefined : found(findByUsername(database, username));

  // Only where it is still the encoding that was verified: a password that was changed meanwhile stays changed.
  const replacePassword = statement(
    builder(database.dialect)
      .updateTable(User.table)
      .set({ password: slot() })
      .where("id", "=", slot())
      .where("password", "=", slot()),
  );

  const users: Users = {
    byId: (id) => found(findById(database, id)),
    byUsername,
    async signIn(username, password) {
      const user = await byUsername(username);
      if (!user) {
        await passwords.waste(password, await decoys?.of(username));
        return undefined;
      }
      const { valid, upgraded } = await passwords.verify(password, user.password);
      if (!valid) return undefined;
      if (upgraded !== undefined) {
        const written = await database.transaction(async (transaction) => {
          const changed = await transaction.run(replacePassword, [upgraded, user.id, user.password]);
          if (changed > 0) await listener?.replaced(transaction, user.id, user.password, upgraded, "all");
          return changed;
        });
        if (written === 0) return users.signIn(username, password);
        return user.is_active ? byUsername(username) : undefined;
      }
      return user.is_active ? user : undefined;
    },
    async permissionsOf({ id }) {
      const rows = await database.all(permissions, [id, id]);
      return new Set(rows.map(([label, codename]) => `${label}.${codename}`));
    },
    async create(values, executor = database) {
      const { password, encoded, username, email = "", is_staff = false, is_superuser = false } = values;
      const { first_name = "", last_name = "", is_active = true } = values;
      const stored = encoded ?? (password === null ? passwords.unusable() : await passwords.hash(password));
      const id = await store.insert(executor, {
        ...{ username: normalUsername(username), email: normalEmail(email), password: stored },
        ...{ is_staff, is_superuser, is_active, first_name, last_name },
        ...{ last_login: null, date_joined: isoTime(now()) },
      });
      return Number(id);
    },
    async idsByEmail(email, executor = database) {
      if (email === "" || email.includes("\0")) return [];
      const ids = await store.keysWhere(executor, { path: "email", lookup: "iexact", value: email });
      return ids.map(Number);
    },
    async setPassword(id, password, seen, kept) {
      const encoded = await passwords.hash(password);
      const written = await database.transaction(async (transaction) => {
        if (seen === undefined) {
          if (!(await store.update(transaction, id, { password: encoded }))) return false;
        } else {
          if ((await transaction.run(replacePassword, [encoded, id, seen])) === 0) return false;
          if (kept !== undefined) await listener?.replaced(transaction, id, seen, encoded, kept);
        }
        await listener?.chosen(transaction, id, kept);
        return true;
      });
      if (written) listener?.changed(id);
      return written;
    },
    async remove(id) {
      await database.transaction(async (transaction) => {
        await store.delete(transaction, [id]);
        await listener?.removed(transaction, id);
      });
      listener?.changed(id);
    },
    async noteLogin(id) {
      await store.update(database, id, { last_login: isoTime(now()) });
    },
  };
  return users;
}

function permissionsStatement({ dialect }: Database) {
  const id = dialect === "sqlite" ? ["?", "?"] : ["$1", "$2"];
  return defineStatement(
    `select c.app_label, p.codename from auth_permission p join django_content_type c on c.id = p.content_type_id
     where p.id in (select permission_id from auth_user_user_permissions where user_id = ${id[0]})
        or p.id in (select gp.permission_id from auth_group_permissions gp join auth_user_groups ug on ug.group_id = gp.group_id where ug.user_id = ${id[1]})`,
    true,
  );
}
