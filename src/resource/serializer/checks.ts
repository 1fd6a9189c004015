/**
 * What only the database knows about values that are right in themselves: does the row exist, is the value unique, does the
 * column hold it.
 *
 * Asked after all fields were read, for every field that had no findings, so that a client learns everything at once.
 * Reference: rest_framework.validators.UniqueValidator and UniqueTogetherValidator, PrimaryKeyRelatedField.
 */
import { compileTaken, everything, type Models, type Store, storedField, type Values } from "../../db/index.ts";
import { type Issues, IssuesByIndex } from "../../errors.ts";
import type { Field, FieldMap, Model } from "../../model/index.ts";
import { rangeCheck } from "./column-range.ts";
import { issue } from "./parser.ts";
import { childFieldsOf, childRowsOf } from "./row-reader.ts";
import type { Reading } from "./serializer.ts";

/** Values that were read, and the row that they change, as it was. */
export interface Candidate {
  readonly values: Values;
  readonly before?: Values;
}

/** A value of a field, and the key of its row where there is one. */
interface Asked {
  readonly value: unknown;
  /** The value as it was, where there is a row. */
  readonly was: unknown;
  readonly key: unknown;
}

/** One question to the database about a field's values; findings for each, undefined where all is well. */
type Check = (reading: Reading, asked: readonly Asked[]) => Promise<readonly (Issues | undefined)[]>;

export interface Checks {
  /** Findings by field, of each candidate. */
  fields(reading: Reading, candidates: readonly Candidate[]): Promise<Record<string, Issues>[]>;
  /** Findings about sets of fields, of each candidate. */
  sets(reading: Reading, candidates: readonly Candidate[]): Promise<(Issues | undefined)[]>;
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
  const sets = model.unique
    .filter((set) => set.every((name) => name in fields))
    .map((names) => ({ names, taken: compileTaken(store, names) }));
  const keyOf = ({ before }: Candidate): unknown => before?.[model.primaryKey];

  return {
    async fields(reading, candidates) {
      const found = candidates.map((): Record<string, Issues> => ({}));
      for (const [name, check] of checks) {
        const asked = candidates.flatMap((candidate, at) => {
          const value = candidate.values[name];
          return value === undefined || value === null
            ? []
            : [{ at, value, was: candidate.before?.[name], key: keyOf(candidate) }];
        });
        if (asked.length === 0) continue;
        const issues = await check(reading, asked);
        for (const [i, { at }] of asked.entries()) {
          const [own, about] = [found[at], issues[i]];
          if (own && about) own[name] = about;
        }
      }
      return found;
    },
    async sets({ executor }, candidates) {
      const found = candidates.map((): Issues | undefined => undefined);
      for (const { names, taken } of sets) {
        const claims = candidates.flatMap((candidate, at) => {
          const { values, before } = candidate;
          if (found[at] || !names.some((name) => name in values)) return [];
          const together = names.map((name) => (name in values ? values[name] : before?.[name]));
          if (together.some((value) => value === null || value === undefined)) return [];
          return [{ at, values: together, key: keyOf(candidate) }];
        });
        if (claims.length === 0) continue;
        const answers = await taken(executor, claims);
        for (const [i, { at }] of claims.entries())
          if (answers[i]) found[at] = [issue("unique_together", { fields: names.join(", ") })];
      }
      return found;
    },
  };
}

/** Findings about each child, by its place; none where all are right. */
function checkChildren(checks: Checks): Check {
  return async (reading, asked) => {
    const lists: Values[][] = asked.map(({ value }) => (Array.isArray(value) ? value : []));
    const found = await checks.fields(
      reading,
      lists.flat().map((values) => ({ values })),
    );
    return lists.map(({ length }) => {
      const own = found.splice(0, length);
      return own.some((issues) => Object.keys(issues).length > 0) ? new IssuesByIndex(own) : undefined;
    });
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
    return async ({ executor, visible }, asked) => {
      // A key that stays is nobody's to find: who sends back what they got need not see the row that it leads to.
      const lists = asked.map(({ value, was }): readonly unknown[] =>
        Array.isArray(value) ? value : value === was ? [] : [value],
      );
      const possible = lists.flat().filter((key) => !isOutside?.(key));
      const found = await related.existing(executor, possible, (await visible?.(target)) ?? everything);
      return lists.map((keys) => {
        const absent = keys.find((key) => !found.has(key));
        return absent === undefined ? undefined : [issue("does_not_exist", { input: String(absent) })];
      });
    };
  }
  const isOutside = rangeCheck(field);
  const taken = field.options.unique ? compileTaken(own, [name]) : undefined;
  if (!isOutside && !taken) return undefined;
  return async ({ executor }, asked) => {
    const outside = asked.map(({ value }) => isOutside?.(value));
    const claims = asked.flatMap(({ value, key }, i) => (outside[i] ? [] : [{ values: [value], key }]));
    const answers = (claims.length > 0 ? await taken?.(executor, claims) : undefined) ?? [];
    let next = 0;
    return outside.map((finding) => {
      if (finding) return [finding];
      return answers[next++] ? [issue("unique")] : undefined;
    });
  };
}
