/**
 * A transaction: all of its statements are kept, or none. The same for both databases.
 *
 * A driver lends a connection (`Session`) for as long as the transaction lasts; a transaction inside a transaction is a
 * savepoint of it. Reference: django.db.transaction.atomic and on_commit.
 * Differs: a statement after the end, or through the outer transaction while an inner one is open, is an error.
 */
import type { AfterCommit, Awaitable, Dialect, Executor, SqlRow, SqlValue, TransactionOptions } from "./database.ts";
import type { Statement } from "./statement.ts";
import { Turns } from "./turns.ts";

/** A connection that serves one transaction at a time; its errors are those of `errors.ts`. */
export interface Session {
  readonly dialect: Dialect;
  /** The statement that begins a transaction. */
  begin(options: TransactionOptions): string;
  all(statement: Statement, parameters: readonly SqlValue[]): Awaitable<readonly SqlRow[]>;
  get(statement: Statement, parameters: readonly SqlValue[]): Awaitable<SqlRow | undefined>;
  run(statement: Statement, parameters: readonly SqlValue[]): Awaitable<number>;
  /** Runs BEGIN, COMMIT, ROLLBACK and their like; a COMMIT that kept nothing is an error. */
  control(sql: string): Awaitable<unknown>;
}

type Work<T> = (transaction: Executor) => Promise<T>;

/** A transaction as those within it know it. */
interface Frame {
  readonly session: Session;
  readonly depth: number;
  readonly readOnly: boolean;
  /** Gets what is to be done after the commit, once this much is kept. */
  readonly kept: AfterCommit[];
}

/**
 * Runs `work` between BEGIN and COMMIT, or ROLLBACK if anything throws. The session must be free.
 * @param kept  gets what is to be done now that it is committed (`runAfterCommit`, when the session is free again)
 */
export function runTransaction<T>(
  session: Session,
  work: Work<T>,
  options: TransactionOptions,
  kept: AfterCommit[],
): Promise<T> {
  const frame = { session, depth: 0, readOnly: options.readOnly === true, kept };
  return enclose(frame, [session.begin(options), "COMMIT"], ["ROLLBACK"], work);
}

/** Does what waited for a commit. @throws AggregateError  with what was thrown by some of it, when all of it was tried */
export async function runAfterCommit(kept: readonly AfterCommit[]): Promise<void> {
  const errors: unknown[] = [];
  for (const call of kept) {
    try {
      await call();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "the transaction was kept; what was to follow it failed");
}

async function enclose<T>(
  frame: Frame,
  [begin, keep]: readonly [string, string],
  undo: readonly string[],
  work: Work<T>,
): Promise<T> {
  const { session } = frame;
  const begun = session.control(begin);
  if (begun instanceof Promise) await begun;
  const transaction = new Transaction(frame);
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
    frame.kept.push(...transaction.waiting);
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
  readonly #frame: Frame;
  /** What is to be done after the commit, of this part of it. */
  readonly waiting: AfterCommit[] = [];
  /** Savepoints of one connection nest, so inner transactions take turns, and so do writes beside them. */
  readonly #turns = new Turns();
  #isOpen = true;

  constructor(frame: Frame) {
    this.dialect = frame.session.dialect;
    this.#session = frame.session;
    this.#frame = frame;
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

  async transaction<T>(work: Work<T>, { isolation, readOnly }: TransactionOptions = {}): Promise<T> {
    if (isolation !== undefined || readOnly !== undefined)
      throw new TypeError("inside a transaction; expected its options where the outermost one begins");
    const depth = this.#frame.depth + 1;
    const name = `s${depth}`;
    return this.#turns.take(() => {
      this.#assertOpen();
      const control = [`SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`] as const;
      const undo = [`ROLLBACK TO SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`];
      return enclose({ ...this.#frame, depth, kept: this.waiting }, control, undo, work);
    });
  }

  afterCommit(call: AfterCommit): void {
    this.#assertOpen();
    this.waiting.push(call);
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
    if (statement.reads) return attempt();
    if (this.#frame.readOnly) throw new TypeError("the transaction is read-only, and a statement writes");
    if (this.#turns.isFree) return attempt();
    return this.#turns.take(() => {
      this.#assertOpen();
      return attempt();
    });
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new TypeError("the transaction has ended; await every statement inside its function");
  }
}
