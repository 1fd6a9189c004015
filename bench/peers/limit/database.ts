/**
 * The database, by hand: one connection, prepared statements, rows as arrays.
 *
 * A request that reads runs all its statements in one read transaction: one snapshot, and the file is locked once, not once a
 * statement. One that writes runs in one immediate transaction. A commit is as durable as drf-auth's (`synchronous = NORMAL`), and
 * as many pages are kept.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A refusal with its status and the body that the client gets. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: object;
  constructor(status: number, body: object) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body;
  }
}

export interface User {
  readonly id: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly isStaff: boolean;
}

export interface Database {
  /** The statement of a text, prepared once. */
  prepare(sql: string): StatementSync;
  findUser(id: number): User | undefined;
  /** Runs `work` in one snapshot. */
  inSnapshot<T>(work: () => T): T;
  /** Runs `work` in a transaction that may write; nothing is kept if it throws. */
  inTransaction<T>(work: () => T): T;
}

/** Opens a database. */
export function openDatabase(path: string): Database {
  const connection = new DatabaseSync(path, { returnArrays: true, timeout: 5000 });
  connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000");
  const statements = new Map<string, StatementSync>();
  const user = connection.prepare("SELECT username, is_active, is_staff FROM auth_user WHERE id = ?");
  const commit = connection.prepare("COMMIT");
  const rollback = connection.prepare("ROLLBACK");

  const enclosed =
    (begin: StatementSync) =>
    <T>(work: () => T): T => {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        rollback.run();
        throw error;
      }
    };

  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = connection.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
    findUser(id) {
      const found = row<[username: string, isActive: number, isStaff: number]>(user.get(id));
      return found && { id, username: found[0], isActive: found[1] === 1, isStaff: found[2] === 1 };
    },
    inSnapshot: enclosed(connection.prepare("BEGIN")),
    inTransaction: enclosed(connection.prepare("BEGIN IMMEDIATE")),
  };
}

// node:sqlite describes rows as objects; with `returnArrays` they are arrays, in the order of the statement's columns.
export const row = <T>(found: unknown) => found as T | undefined;
export const rows = <T>(found: unknown) => found as readonly T[];

/** Django's column text, `2024-01-01 08:00:00`, as ISO 8601. */
export const time = (stored: string) => `${stored.slice(0, 10)}T${stored.slice(11)}Z`;

/** A number from 1; undefined for anything else. */
export const wholeNumber = (text: string | null) =>
  text !== null && /^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
