/**
 * What waits for a click on a link: accounts that were not activated yet, and new addresses that were not confirmed.
 *
 * `is_active` alone does not say why an account is not active: whoever was switched off by staff must not find a link that
 * switches him on again. So a link works while its row stands here unused, and whoever marks it used has won.
 */
import { builder, createOwnTable, type Database, type Executor, slot, statement } from "../../db/index.ts";

export type Purpose = "activation" | "email";

export interface PendingRow {
  /** Random, new with every request; part of what the link's token is made of. */
  readonly nonce: string;
  /** The new address, where one waits. */
  readonly value: string;
  readonly isUsed: boolean;
}

export interface Pending {
  find(executor: Executor, id: number, purpose: Purpose): Promise<PendingRow | undefined>;
  /** Waits from now on; what waited before for the same is forgotten, and its links with it. */
  set(executor: Executor, id: number, purpose: Purpose, row: Omit<PendingRow, "isUsed">): Promise<void>;
  /** Ends the waiting: the link was used. @returns false where somebody else has ended it */
  take(executor: Executor, id: number, purpose: Purpose, nonce: string): Promise<boolean>;
}

const table = "drf_auth_pending";
const definition = `CREATE TABLE IF NOT EXISTS ${table} (user_id bigint NOT NULL, purpose varchar(16) NOT NULL,
nonce varchar(32) NOT NULL, value varchar(254) NOT NULL, used smallint NOT NULL, PRIMARY KEY (user_id, purpose))`;

/** Makes the table where it is missing. */
export const createPendingTable = (database: Database): Promise<void> => createOwnTable(database, definition);

export function pendingOf(database: Database): Pending {
  const db = builder(database.dialect);
  const find = statement(
    db.selectFrom(table).select(["nonce", "value", "used"]).where("user_id", "=", slot()).where("purpose", "=", slot()),
  );
  const forget = statement(db.deleteFrom(table).where("user_id", "=", slot()).where("purpose", "=", slot()));
  const row = { user_id: slot(), purpose: slot(), nonce: slot(), value: slot(), used: slot() };
  const add = statement(db.insertInto(table).values(row));
  const take = statement(
    db
      .updateTable(table)
      .set({ used: slot() })
      .where("user_id", "=", slot())
      .where("purpose", "=", slot())
      .where("nonce", "=", slot())
      .where("used", "=", slot()),
  );
  return {
    async find(executor, id, purpose) {
      const found = await executor.get(find, [id, purpose]);
      return found && { nonce: String(found[0]), value: String(found[1]), isUsed: Number(found[2]) !== 0 };
    },
    async set(executor, id, purpose, { nonce, value }) {
      await executor.run(forget, [id, purpose]);
      await executor.run(add, [id, purpose, nonce, value, 0]);
    },
    take: async (executor, id, purpose, nonce) => (await executor.run(take, [1, id, purpose, nonce, 0])) > 0,
  };
}
