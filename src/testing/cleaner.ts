/** Takes away what a test wrote, so that the next one finds the database as it was. */
import { type Database, everything, ForeignKeyViolation, isQuery, type Models, type Store } from "../db/index.ts";
import type { Model } from "../model/index.ts";

/** Deletes the rows that are new since `rememberRows`. @throws ForeignKeyViolation  rows protect each other in a circle */
export type Clean = () => Promise<void>;

/** Remembers which rows there are. */
export async function rememberRows(
  models: Models,
  database: Database,
  storeOf: (model: Model) => Store,
): Promise<Clean> {
  const tables = models.all.filter((model) => !isQuery(model));
  const keysOf = (model: Model) => storeOf(model).keysWhere(database, everything);
  const known = new Map<Model, ReadonlySet<unknown>>();
  for (const model of tables) known.set(model, new Set(await keysOf(model)));

  /** False where another row protects them. */
  const clear = async (model: Model, isLast: boolean): Promise<boolean> => {
    const fresh = (await keysOf(model)).filter((key) => !known.get(model)?.has(key));
    if (fresh.length === 0) return true;
    try {
      await database.transaction((transaction) => storeOf(model).delete(transaction, fresh));
      return true;
    } catch (error) {
      if (error instanceof ForeignKeyViolation && !isLast) return false;
      throw error;
    }
  };
  return async () => {
    // Those that protect others go first; which they are is found out by trying.
    let rest = tables;
    while (rest.length > 0) {
      const protectedOnes: Model[] = [];
      for (const [i, model] of rest.entries()) {
        const isLast = protectedOnes.length === i && i === rest.length - 1;
        if (!(await clear(model, isLast))) protectedOnes.push(model);
      }
      rest = protectedOnes;
    }
  };
}
