/**
 * A guard before an SQLite table is remade: dropping it would delete rows elsewhere that point at it with ON DELETE CASCADE.
 *
 * Our tables and Django's declare no such action, but a table that somebody made by hand may.
 * Reference: sqlite.org/foreignkeys.html#fk_schemacommands (DROP TABLE performs an implicit DELETE FROM, actions included).
 */
import { ConfigurationError } from "../../errors.ts";
import type { Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";

const findActions = defineStatement(
  `SELECT tables.name, keys.on_delete FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys
    WHERE tables.type = 'table' AND lower(keys."table") = lower(?) AND keys.on_delete NOT IN ('NO ACTION', 'RESTRICT')`,
  true,
);

/**
 * Lets a table be made again where that loses no rows of other tables.
 * @throws ConfigurationError  it is pointed at with an action; names both
 */
export async function refuseCascades(database: Executor, table: string): Promise<void> {
  const [found] = await database.all(findActions, [table]);
  if (!found) return;
  throw new ConfigurationError(
    `table "${table}"`,
    `cannot be made again while "${found[0]}" points at it with ON DELETE ${found[1]}, which would change its rows`,
  );
}
