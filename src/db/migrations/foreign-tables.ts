/**
 * Tables of somebody else's (`managed: false`) that models of ours point at: migrations know where they are and what their key is, and
 * never touch them.
 *
 * Reference: CreateModel with the option `managed` of Django. Differs: only what is pointed at is written, and of it the key alone, so that
 * changes of somebody else's make no migrations here.
 */
import { ConfigurationError } from "../../errors.ts";
import type { Model } from "../../model/index.ts";
import { keyField } from "../columns.ts";
import { createModel, type Operation } from "./operations.ts";
import { columnText } from "./renames.ts";
import { getModel, type ProjectState, relationOf, relationsOf } from "./state.ts";

/** What says where such tables are, as far as the state does not know it, each after the one that its own key points at. */
export function foreignTables(
  state: ProjectState,
  managed: readonly Model[],
  declared: readonly Model[],
): readonly Operation<"createModel">[] {
  const foreign = new Map(declared.filter((each) => !each.managed).map((each) => [each.name, each]));
  const found = new Map<string, Operation<"createModel">>();
  const visit = (name: string): void => {
    const model = foreign.get(name);
    if (!model || found.has(name)) return;
    const target = relationOf(keyField(model));
    if (target !== undefined && target !== name) visit(target);
    if (isKnown(state, model, declared)) return;
    const { table, primaryKey } = model;
    found.set(name, createModel(name, { table, managed: false, fields: { [primaryKey]: keyField(model) } }));
  };
  for (const name of managed.flatMap(relationsOf)) visit(name);
  return [...found.values()];
}

function isKnown(state: ProjectState, model: Model, declared: readonly Model[]): boolean {
  const before = state.get(model.name);
  // One that was ours until now is released, and known with all that it has.
  if (!before || before.managed) return before !== undefined;
  const all = new Map([...state, ...declared.map((each): [string, Model] => [each.name, each])]);
  const textOf = (of: Model): string =>
    `${of.table} ${columnText(of, of.primaryKey, keyField(of), (target) => getModel(all, target))}`;
  return textOf(before) === textOf(model);
}

/** Refuses to drop a table that is declared, under another name, as somebody else's. */
export function refuseOthersTable(removed: Model, declared: readonly Model[]): void {
  const other = declared.find(({ managed, table }) => !managed && table === removed.table);
  if (!other) return;
  throw new ConfigurationError(
    `model "${removed.name}"`,
    `is no longer declared, and its table "${removed.table}" is that of "${other.name}", which is managed: false; declare that under the old name, or rename first`,
  );
}
