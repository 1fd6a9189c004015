/** What code in a migration works with, made of a state of the models and a transaction. */

import type { Executor } from "../database.ts";
import { defineModels } from "../models.ts";
import { Store } from "../store.ts";
import { tablesOf } from "../table.ts";
import type { CodeContext } from "./code.ts";
import { getModel, type ProjectState } from "./state.ts";

/** The context of code that runs where the models are those of `state`. */
export function codeContext(transaction: Executor, state: ProjectState, now: () => number): CodeContext {
  const { dialect } = transaction;
  const models = defineModels([...state.values()]);
  const open = tablesOf((model) => new Store(model, models, dialect));
  return {
    dialect,
    transaction,
    table: (name) =>
      open(getModel(state, name), transaction, {
        now: new Date(now()).toISOString().replace("Z", "000Z"),
        userId: null,
      }),
  };
}
