/**
 * Connections that many readers use at the same time.
 *
 * A statement goes to the lane with the fewest under way, so one that is slow soon stands alone; another lane is opened when
 * all are busy. A lane whose connection is lost is forgotten, and the next statement opens a new one.
 */
import type pg from "pg";
import type { SqlValue } from "./database.ts";
import { DatabaseUnavailable } from "./errors.ts";
import { type PostgresTarget, type Result, runStatement } from "./postgres-connection.ts";
import { closeConnection, openConnection } from "./postgres-open.ts";
import type { Statement } from "./statement.ts";

/** Statements under way on every lane before another is opened. */
const BUSY = 4;

interface Lane {
  readonly client: pg.Client;
  underWay: number;
}

export class Lanes {
  readonly #target: PostgresTarget;
  readonly #max: number;
  #lanes: readonly Lane[] = [];
  #opening: Promise<Lane> | undefined;
  #isClosed = false;

  constructor(target: PostgresTarget, max: number) {
    this.#target = target;
    this.#max = max;
  }

  /** @throws DatabaseError  see `errors.ts` */
  async run(statement: Statement, parameters: readonly SqlValue[]): Promise<Result> {
    const lane = this.#leastBusy() ?? (await this.#open());
    lane.underWay++;
    try {
      return await runStatement(lane.client, this.#target, statement, parameters);
    } finally {
      lane.underWay--;
    }
  }

  /** Connections that are open, and those of them with statements under way. */
  load(): { readonly open: number; readonly busy: number } {
    return { open: this.#lanes.length, busy: this.#lanes.filter(({ underWay }) => underWay > 0).length };
  }

  /** Waits for the statements that are under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    await Promise.all(
      this.#lanes.map(({ client, underWay }) => (underWay > 0 ? client.end() : closeConnection(client))),
    );
  }

  #leastBusy(): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of this.#lanes) if (best === undefined || lane.underWay < best.underWay) best = lane;
    if (best !== undefined && best.underWay >= BUSY && this.#lanes.length < this.#max) {
      this.#open().catch(() => undefined); // the lanes there are go on
    }
    return best;
  }

  #open(): Promise<Lane> {
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<Lane> {
    if (this.#isClosed) throw new DatabaseUnavailable(`${this.#target.where} is closed`);
    const client = await openConnection(this.#target);
    const lane: Lane = { client, underWay: 0 };
    const forget = () => {
      this.#lanes = this.#lanes.filter((other) => other !== lane);
    };
    client.on("error", forget);
    client.on("end", forget);
    this.#lanes = [...this.#lanes, lane];
    return lane;
  }
}
