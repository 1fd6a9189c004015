/**
 * A transaction: all of its statements are kept, or none. The same for both databases.
 *
 * A driver lends a connection (`Session`) for as long as the transaction lasts; a transaction inside a transaction is a
 * savepoint of it. Reference: django.db.transaction.atomic.
 * Differs: a statement after the end, or through the outer transaction while an inner one is open, is an error.
 */
import type { Awaitable, Dialect, Executor, SqlRow, SqlValue } from "./database.ts";
import type { Statement } from "./statement.ts";
import { Turns } from "./turns.ts";

/** A connection that serves one transaction at a time; its errors are those of `errors.ts`. */
export interface Session {
  readonly dialect: Dialect;
  /** How a transaction begins. */
  readonly begin: string;
  all(statement: Statement, parameters: readonly SqlValue[]): Awaitable<readonly SqlRow[]>;
  get(statement: Statement, parameters: readonly SqlValue[]): Awaitable<SqlRow | undefined>;
  run(statement: Statement, parameters: readonly SqlValue[]): Awaitable<number>;
  /** Runs BEGIN, COMMIT, ROLLBACK and their like; a COMMIT that kept nothing is an error. */
  control(sql: string): Awaitable<unknown>;
}

type Work<T> = (transaction: Executor) => Promise<T>;

/** Runs `work` between BEGIN and COMMIT, or ROLLBACK if anything throws. The session must be free. */
export function runTransaction<T>(session: Session, work: Work<T>): Promise<T> {
  return enclose(session, 0, [session.begin, "COMMIT"], ["ROLLBACK"], work);
}

async function enclose<T>(
  session: Session,
  depth: number,
  [begin, keep]: readonly [string, string],
  undo: readonly string[],
  work: Work<T>,
): Promise<T> {
  const begun = session.control(begin);
  if (begun instanceof Promise) await begun;
  const transaction = new Transaction(session, depth);
  try {
    let result: T;
    try {
      result = await work(transaction);
    } finally {
      const ended = transaction.end();
      if (ended) await ended;
    }
    const kept = session.control(keep);
    if (kept instanceof Promise) await kept;
    return result;
  } catch (error) {
    try {
      for (const sql of undo) await session.control(sql);
    } catch {
      // The connection is gone, and what was not committed with it; the first error tells more.
    }
    throw error;
  }
}

const none: readonly SqlValue[] = [];

class Transaction implements Executor {
  readonly dialect: Dialect;
  readonly #session: Session;
  readonly #depth: number;
  /** Savepoints of one connection nest, so inner transactions take turns, and so do writes beside them. */
  readonly #turns = new Turns();
  #isOpen = true;

  constructor(session: Session, depth: number) {
    this.dialect = session.dialect;
    this.#session = session;
    this.#depth = depth;
  }

  all(statement: Statement, parameters = none): Awaitable<readonly SqlRow[]> {
    return this.#perform(statement, () => this.#session.all(statement, parameters));
  }

  get(statement: Statement, parameters = none): Awaitable<SqlRow | undefined> {
    return this.#perform(statement, () => this.#session.get(statement, parameters));
  }

  run(statement: Statement, parameters = none): Awaitable<number> {
    return this.#perform(statement, () => this.#session.run(statement, parameters));
  }

  transaction<T>(work: Work<T>): Promise<T> {
    const name = `s${this.#depth + 1}`;
    return this.#turns.take(() => {
      this.#assertOpen();
      const control = [`SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`] as const;
      const undo = [`ROLLBACK TO SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`];
      return enclose(this.#session, this.#depth + 1, control, undo, work);
    });
  }

  /** Waits for inner transactions that nobody awaited, then refuses everything. */
  end(): Promise<void> | undefined {
    const close = (): void => {
      this.#isOpen = false;
    };
    if (!this.#turns.isFree) return this.#turns.take(close);
    close();
    return undefined;
  }

  #perform<T>(statement: Statement, attempt: () => Awaitable<T>): Awaitable<T> {
    this.#assertOpen();
    if (statement.reads || this.#turns.isFree) return attempt();
    return this.#turns.take(() => {
      this.#assertOpen();
      return attempt();
    });
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new TypeError("the transaction has ended; await every statement inside its function");
  }
}
