/**
 * Work that one process of all machines does: whoever holds the lease, a row that is its holder's until a time.
 *
 * A holder that died holds it until then and no longer. Clocks of machines that differ make the work be done twice, or later; so it
 * must be work that may be done twice. One statement takes the lease, so of two that try at once one has it.
 */
import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";
import { createOwnTable } from "./own-table.ts";
import { builder, slot, statement } from "./statement.ts";

export interface Lease {
  /** Takes the lease, or keeps it, until a time (milliseconds since 1970); false where somebody else holds it. */
  hold(until: number): Promise<boolean>;
}

const table = "drf_auth_lease";
const definition = `CREATE TABLE IF NOT EXISTS ${table} (name varchar(100) NOT NULL PRIMARY KEY, holder varchar(36) NOT NULL,
  expires bigint NOT NULL)`;

/** A lease by name, for one holder; the table of leases is made where it is missing. */
export async function createLease(database: Database, name: string, now: () => number): Promise<Lease> {
  await createOwnTable(database, definition);
  const holder = randomUUID();
  const take = statement(
    builder(database.dialect)
      .insertInto(table)
      .values({ name: slot(), holder: slot(), expires: slot() })
      .onConflict((conflict) =>
        conflict
          .column("name")
          .doUpdateSet(({ ref }) => ({ holder: ref("excluded.holder"), expires: ref("excluded.expires") }))
          .where(({ eb, or, ref }) =>
            or([eb(`${table}.holder`, "=", ref("excluded.holder")), eb(`${table}.expires`, "<=", slot())]),
          ),
      ),
  );
  return {
    async hold(until) {
      return (await database.run(take, [name, holder, until, now()])) === 1;
    },
  };
}
