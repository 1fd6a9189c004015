/**
 * What only the database knows about values that are right in themselves: does the row exist, is the value unique, does the
 * column hold it.
 *
 * Asked after all fields were read, for every field that had no findings, so that a client learns everything at once.
 * Reference: rest_framework.validators.UniqueValidator and UniqueTogetherValidator, PrimaryKeyRelatedField.
 */
import { everything, type Models, type Store, storedField, type Values } from "../../db/index.ts";
import { type Issues, IssuesByIndex } from "../../errors.ts";
import type { Field, FieldMap, Model } from "../../model/index.ts";
import { rangeCheck } from "./column-range.ts";
import { issue } from "./parser.ts";
import { childFieldsOf, childRowsOf } from "./row-reader.ts";
import type { Reading } from "./serializer.ts";

/** One question to the database about a field's value; findings, or undefined where all is well. */
type Check = (reading: Reading, value: unknown, key: unknown) => Promise<Issues | undefined>;

export interface Checks {
  /** Findings by field. */
  fields(reading: Reading, values: Values): Promise<Record<string, Issues>>;
  /** Findings about sets of fields. */
  sets(reading: Reading, values: Values): Promise<Issues | undefined>;
}

/** Compiles the checks of a model's fields. `storeOf` gives the store of a related model. */
export function createChecks(store: Store, fields: FieldMap, models: Models, storeOf: (model: Model) => Store): Checks {
  const { model } = store;
  const checks = new Map<string, Check>();
  for (const [name, field] of Object.entries(fields)) {
    const rows = field.readOnly ? undefined : childRowsOf(field);
    if (rows) checks.set(name, checkChildren(createChecks(storeOf(rows.of), childFieldsOf(field), models, storeOf)));
    const isColumn = !field.readOnly && Object.hasOwn(model.fields, name);
    const check = !isColumn ? undefined : checkOf(name, field, model, models, store, storeOf);
    if (check) checks.set(name, check);
  }
  const sets = model.unique.filter((set) => set.every((name) => name in fields));

  return {
    async fields(reading, values) {
      const found: Record<string, Issues> = {};
      for (const [name, check] of checks) {
        const value = values[name];
        if (value === undefined || value === null) continue;
        const issues = await check(reading, value, reading.before?.[model.primaryKey]);
        if (issues) found[name] = issues;
      }
      return found;
    },
    async sets({ executor, before }, values) {
      for (const set of sets) {
        if (!set.some((name) => name in values)) continue;
        const together = Object.fromEntries(set.map((name) => [name, name in values ? values[name] : before?.[name]]));
        if (Object.values(together).some((value) => value === null || value === undefined)) continue;
        if (await store.exists(executor, together, before?.[model.primaryKey])) {
          return [issue("unique_together", { fields: set.join(", ") })];
        }
      }
      return undefined;
    },
  };
}

/** Findings about each child, by its place; none where all are right. */
function checkChildren(checks: Checks): Check {
  return async (reading, value) => {
    const found: Record<string, Issues>[] = [];
    const items = Array.isArray(value) ? value : [];
    for (const item of items) found.push(await checks.fields({ ...reading, before: undefined }, item));
    return found.some((issues) => Object.keys(issues).length > 0) ? new IssuesByIndex(found) : undefined;
  };
}

function checkOf(
  name: string,
  field: Field,
  model: Model,
  models: Models,
  own: Store,
  storeOf: (model: Model) => Store,
): Check | undefined {
  if (field.kind === "foreignKey" || field.kind === "manyToMany") {
    const target = models.target(model, name);
    const related = storeOf(target);
    const isOutside = rangeCheck(storedField(models, target, target.primaryKey));
    return async ({ executor, visible }, value) => {
      const keys: readonly unknown[] = Array.isArray(value) ? value : [value];
      const possible = isOutside ? keys.filter((key) => !isOutside(key)) : keys;
      const found = await related.existing(executor, possible, (await visible?.(target)) ?? everything);
      const absent = keys.find((key) => !found.has(key));
      return absent === undefined ? undefined : [issue("does_not_exist", { input: String(absent) })];
    };
  }
  const isOutside = rangeCheck(field);
  if (!isOutside && !field.options.unique) return undefined;
  return async ({ executor }, value, key) => {
    const finding = isOutside?.(value);
    if (finding) return [finding];
    const isTaken = field.options.unique && (await own.exists(executor, { [name]: value }, key));
    return isTaken ? [issue("unique")] : undefined;
  };
}
