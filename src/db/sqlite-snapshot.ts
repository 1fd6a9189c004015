/**
 * The read transaction that the statements of one turn of the event loop share.
 *
 * In WAL mode every statement outside a transaction locks and unlocks the file, which costs more than finding a row. So the
 * first read of a turn begins a transaction; a write of this process ends it, and so does the end of the turn.
 *
 * A request reads nothing that is too old: a turn handles requests whose bytes had arrived when it began, and its snapshot is
 * taken after that, so whatever was answered to anyone before a request was sent is in it. (Of requests that a client sends
 * without waiting for answers, a later one may be answered from the snapshot of an earlier one.)
 */
import type { Connection } from "./sqlite-connection.ts";
import { defineStatement } from "./statement.ts";

const BEGIN = defineStatement("BEGIN");
const COMMIT = defineStatement("COMMIT");

export class Snapshot {
  readonly connection: Connection;
  readonly #endOfTurn: () => void;
  #isOpen = false;
  #isTurnWatched = false;
  /** A statement was run in it, so the lock is there until it ends. */
  isHeld = false;

  constructor(connection: Connection) {
    this.connection = connection;
    this.#endOfTurn = () => {
      this.#isTurnWatched = false;
      this.end();
    };
  }

  /** Reads in it; begins one where none is open. @throws DatabaseBusy */
  read<T>(attempt: (connection: Connection) => T): T {
    if (!this.#isOpen) this.#begin();
    const found = attempt(this.connection);
    this.isHeld = true;
    return found;
  }

  /** Ends it: the next read sees what is committed then. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.isHeld = false;
    // After some errors SQLite has rolled back by itself.
    if (this.connection.isInTransaction) this.connection.run(COMMIT, []);
  }

  #begin(): void {
    this.connection.run(BEGIN, []);
    this.#isOpen = true;
    if (this.#isTurnWatched) return;
    this.#isTurnWatched = true;
    setImmediate(this.#endOfTurn);
  }
}
