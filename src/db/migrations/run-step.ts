/** One operation, run in a transaction: its code, its statements, and the tables of SQLite that it makes again. */
import { ConfigurationError } from "../../errors.ts";
import type { Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";
import { settleConstraints } from "./alter-column.ts";
import { refuseCascades } from "./cascades.ts";
import { codeContext } from "./code-context.ts";
import type { Guard } from "./convert.ts";
import { changesOf, codeOf, type Direction } from "./operation-sql.ts";
import { renameRights } from "./rename-rights.ts";
import type { Step } from "./state.ts";
import { findTableThere } from "./table-there.ts";

/** @throws ConfigurationError  values are there that their column cannot keep, or hold from now on; says how many, for they may be secrets */
async function refuseMisfits(transaction: Executor, { count, place }: Guard): Promise<void> {
  const [rows] = (await transaction.get(defineStatement(count))) ?? [];
  if (Number(rows) === 0) return;
  throw new ConfigurationError(place, `holds what cannot become a value of its new type, in ${rows} rows`);
}

/** Runs one operation in a transaction. */
export async function runStep(
  transaction: Executor,
  step: Step,
  direction: Direction,
  now: () => number,
): Promise<void> {
  const code = codeOf(step, direction);
  if (code) await code(codeContext(transaction, step.before, now));
  for (const change of changesOf(step, direction, transaction.dialect)) {
    if (typeof change === "string") await transaction.run(defineStatement(change));
    else if ("count" in change) await refuseMisfits(transaction, change);
    else {
      await refuseCascades(transaction, change.table);
      const there = await findTableThere(transaction, change.table);
      for (const sql of change.sql(there)) await transaction.run(defineStatement(sql));
    }
  }
  const { operation } = step;
  const { kind } = operation;
  if (operation.kind === "renameModel") {
    const [from, to] = [operation.model, operation.to];
    await (direction === "forward" ? renameRights(transaction, from, to) : renameRights(transaction, to, from));
  }
  if (transaction.dialect === "sqlite" || (kind !== "runCode" && kind !== "runSql")) return;
  for (const sql of settleConstraints) await transaction.run(defineStatement(sql));
}
