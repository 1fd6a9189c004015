/** A database read as an app file: `drf-auth inspectdb`. */
import { defineStatement, type Executor, quote } from "../../db/index.ts";
import { DrfAuthError } from "../../errors.ts";
import { declareModels, type Inspected, isOurs, placeKey } from "./declarations.ts";
import { readTables, type TableFacts } from "./tables.ts";

/** A table that was asked for is not there. */
export class UnknownTable extends DrfAuthError {
  readonly code = "unknown_table";
}

/**
 * Reads tables as declarations of models.
 *
 * @param wanted  names of tables (default: all but those that drf-auth has models of)
 * @throws UnknownTable
 */
export async function inspect(executor: Executor, wanted: readonly string[] = []): Promise<Inspected> {
  const tables = await readTables(executor);
  const names = tables.map(({ name }) => name);
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new UnknownTable(`there is no table "${missing}"; tables: ${names.join(", ") || "none"}`);
  const contentTypes = names.includes("django_content_type")
    ? await executor.all(defineStatement("SELECT app_label, model FROM django_content_type", true))
    : [];
  return declareModels(
    tables,
    contentTypes.map(([label, model]) => [String(label), String(model)] as const),
    await placesIn(
      executor,
      tables.filter(({ name }) => !isOurs(name)),
    ),
    wanted,
  );
}

const FEWEST_PLACES = 2;
const MOST_PLACES = 10;

/** Digits after the point of decimals whose columns do not name them, read off the rows. */
async function placesIn(executor: Executor, tables: readonly TableFacts[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const table of tables) {
    for (const { name, type } of table.columns) {
      if (type !== "decimal" && type !== "numeric") continue;
      const column = quote(name);
      let places = FEWEST_PLACES;
      while (places < MOST_PLACES) {
        const needsMore = `SELECT 1 FROM ${quote(table.name)} WHERE abs(${column} - round(${column}, ${places})) > 0.0000000001 LIMIT 1`;
        if ((await executor.get(defineStatement(needsMore, true))) === undefined) break;
        places++;
      }
      found.set(placeKey(table.name, name), places);
    }
  }
  return found;
}
