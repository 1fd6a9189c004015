/**
 * What only the database knows about values that are right in themselves: does the row exist, is the value unique, does the
 * column hold it.
 *
 * Asked after all fields were read, for every field that had no findings, so that a client learns everything at once.
 * Reference: rest_framework.validators.UniqueValidator and UniqueTogetherValidator, PrimaryKeyRelatedField.
 */
import {
  type Awaitable,
  after,
  compileTaken,
  conditionHolds,
  type Executor,
  everything,
  type Models,
  type Store,
  storedField,
  type Values,
} from "../../db/index.ts";
import { type Issues, IssuesByIndex } from "../../errors.ts";
import { type Field, type FieldMap, fieldsOfCondition, type Model, type RowCondition } from "../../model/index.ts";
import { createChildReader } from "./child-reader.ts";
import { rangeCheck } from "./column-range.ts";
import { issue } from "./parser.ts";
import { childFieldsOf, childRowsOf } from "./row-reader.ts";
import { brokenBy, checkRules, issuesOfUnique, rowToBe, uniqueRules, withNames } from "./rules.ts";
import type { Reading } from "./serializer.ts";

/** Values that were read, and the row that they change, as it was. */
export interface Candidate {
  readonly values: Values;
  readonly before?: Values;
  /** Keys of rows that are written with it, or go: what they hold is free. */
  readonly replaced?: ReadonlySet<unknown>;
}

/** A value of a field, and the key of its row where there is one. */
interface Asked {
  readonly value: unknown;
  /** The value as it was, where there is a row. */
  readonly was: unknown;
  readonly key: unknown;
  readonly replaced?: ReadonlySet<unknown>;
}

/** One question to the database about a field's values; findings for each, undefined or not there where all is well. */
type Check = (reading: Reading, asked: readonly Asked[]) => Awaitable<readonly (Issues | undefined)[]>;

export interface Checks {
  /** Findings by field, of each candidate. */
  fields(reading: Reading, candidates: readonly Candidate[]): Awaitable<readonly Record<string, Issues>[]>;
  /** Findings about sets of fields, of each candidate; none where nothing was asked. */
  sets(reading: Reading, candidates: readonly Candidate[]): Awaitable<readonly (Issues | undefined)[]>;
}

/**
 * Compiles the checks of a model's fields.
 * @param storeOf  gives the store of a related model
 * @param by       of children: the foreign key to the row that they belong to, which is not sent
 */
export function createChecks(
  store: Store,
  fields: FieldMap,
  models: Models,
  storeOf: (model: Model) => Store,
  by?: string,
): Checks {
  const { model } = store;
  const checks = new Map<string, Check>();
  for (const [name, field] of Object.entries(fields)) {
    const rows = field.readOnly ? undefined : childRowsOf(field);
    if (rows) {
      const [children, { by }] = [storeOf(rows.of), rows];
      checks.set(name, checkChildren(children, by, createChecks(children, childFieldsOf(field), models, storeOf, by)));
    }
    const isColumn = !field.readOnly && Object.hasOwn(model.fields, name);
    const check = !isColumn ? undefined : checkOf(name, field, model, models, store, storeOf);
    if (check) checks.set(name, check);
  }
  const isSent = (name: string): boolean => name in fields || name === by;
  const sets: readonly UniqueSet[] = [
    ...model.unique.map((names) => ({
      names,
      about: [issue("unique_together", { fields: names.join(", ") })],
      taken: compileTaken(store, names),
    })),
    ...uniqueRules(model).map((rule) => ({
      names: rule.unique,
      about: issuesOfUnique(rule, model),
      where: rule.where,
      taken: compileTaken(store, rule.unique, rule.where),
    })),
  ].filter(({ names }) => names.every(isSent));
  const rules = withNames(checkRules(model));
  const keyOf = ({ before }: Candidate): unknown => before?.[model.primaryKey];

  return {
    fields(reading, candidates) {
      const found = candidates.map((): Record<string, Issues> => ({}));
      const ask = (name: string, check: Check): Awaitable<void> => {
        const asked: (Asked & { readonly at: number })[] = [];
        for (const [at, candidate] of candidates.entries()) {
          const { before, replaced, values } = candidate;
          const value = values[name];
          if (value === undefined || value === null) continue;
          asked.push({ at, value, was: before?.[name], key: keyOf(candidate), replaced });
        }
        if (asked.length === 0) return undefined;
        return after(check(reading, asked), (issues) => {
          if (issues.length === 0) return;
          for (const [i, { at }] of asked.entries()) {
            const [own, about] = [found[at], issues[i]];
            if (own && about) own[name] = about;
          }
        });
      };
      let done: Awaitable<unknown>;
      for (const [name, check] of checks) done = after(done, () => ask(name, check));
      return after(done, () => found);
    },
    sets({ executor, leavesUnique, fillsIn }, candidates) {
      const broken = rules.length === 0 ? none : candidates.map((one) => brokenBy(rules, model, fields, one, fillsIn));
      return sets.length === 0 || leavesUnique ? broken : askSets(executor, candidates, broken, fillsIn);
    },
  };
  async function askSets(
    executor: Executor,
    candidates: readonly Candidate[],
    broken: readonly (Issues | undefined)[],
    fillsIn?: boolean,
  ) {
    const found = candidates.map((_, at): Issues | undefined => broken[at]);
    for (const { names, taken, about, where } of sets) {
      const claims = candidates.flatMap((candidate, at) => {
        const { values, before, replaced } = candidate;
        if (found[at]) return [];
        const asked = where ? [...names, ...fieldsOfCondition("", where)] : names;
        if (!asked.some((name) => name in values)) return [];
        // Where it is not known whether the rule is about this row, its index tells.
        if (where && conditionHolds(model, where, rowToBe(model, values, before, fillsIn)) !== true) return [];
        const together = names.map((name) => (name in values ? values[name] : before?.[name]));
        if (together.some((value) => value === null || value === undefined)) return [];
        return [{ at, values: together, key: keyOf(candidate), replaced }];
      });
      if (claims.length === 0) continue;
      const answers = await taken(executor, claims);
      for (const [i, { at }] of claims.entries()) if (answers[i]) found[at] = about;
    }
    return found;
  }
}

/** Fields that are unique together, all rows or those of which something holds. */
interface UniqueSet {
  readonly names: readonly string[];
  readonly about: Issues;
  readonly where?: RowCondition;
  readonly taken: ReturnType<typeof compileTaken>;
}

const none: readonly undefined[] = [];

/** Findings about each child, by its place; none where all are right. One that is sent with its key changes that child. */
function checkChildren(store: Store, by: string, checks: Checks): Check {
  const { primaryKey, fields } = store.model;
  const isKeyOurs = fields[primaryKey]?.readOnly === true;
  const readThere = createChildReader(store, by);

  /** A key names one of the children that are there, once. @param met  the keys before it */
  const keyFindings = (key: unknown, known: ReadonlyMap<unknown, Values>, met: Set<unknown>) => {
    if (key === undefined || key === null || !isKeyOurs) return {};
    if (!known.has(key)) return { [primaryKey]: [issue("does_not_exist", { input: String(key) })] };
    if (met.has(key)) return { [primaryKey]: [issue("repeated")] };
    met.add(key);
    return {};
  };

  return async (reading, asked) => {
    const there = await readThere(
      reading,
      asked.flatMap(({ key }) => (key === undefined ? [] : [key])),
    );
    const children = asked.flatMap(({ value, key }, at) => {
      const known = there.get(key) ?? new Map<unknown, Values>();
      const items: readonly Values[] = Array.isArray(value) ? value : [];
      const replaced = new Set(known.keys());
      const owner = key ?? Symbol(at);
      const met = new Set<unknown>();
      return items.map((item) => ({
        candidate: { values: { ...item, [by]: owner }, before: known.get(item[primaryKey]), replaced },
        // A row that is made has no children yet, whatever keys they are sent with.
        about: key === undefined ? {} : keyFindings(item[primaryKey], known, met),
      }));
    });
    const candidates = children.map(({ candidate }) => candidate);
    const own = (await checks.fields(reading, candidates)).map((found, i) => ({ ...found, ...children[i]?.about }));
    const isRight = own.map((found) => Object.keys(found).length === 0);
    const sets = await checks.sets(
      reading,
      candidates.map((candidate, i) => (isRight[i] ? candidate : { values: {} })),
    );
    const found = own.map((issues, i): Issues => (sets[i] ? asWhole(sets[i]) : issues));
    return asked.map(({ value }) => {
      const ofRow = found.splice(0, Array.isArray(value) ? value.length : 0);
      return ofRow.some((issues) => Object.keys(issues).length > 0) ? new IssuesByIndex(ofRow) : undefined;
    });
  };
}

const asWhole = (issues: Issues): Issues => (Array.isArray(issues) ? { non_field_errors: issues } : issues);

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
  // A key that clients give is unique of itself; that of children may only tell which of them is meant.
  const isGivenKey = name === model.primaryKey && model.fields[name]?.readOnly === false;
  const taken = field.options.unique || isGivenKey ? compileTaken(own, [name]) : undefined;
  if (!isOutside && !taken) return undefined;
  const check = async ({ executor, leavesUnique }: Reading, asked: readonly Asked[]) => {
    const outside = asked.map(({ value }) => isOutside?.(value));
    const claims = asked.flatMap(({ value, key, replaced }, i) =>
      outside[i] ? [] : [{ values: [value], key, replaced }],
    );
    const isAsked = !leavesUnique && claims.length > 0;
    const answers = (isAsked ? await taken?.(executor, claims) : undefined) ?? [];
    let next = 0;
    return outside.map((finding) => {
      if (finding) return [finding];
      return answers[next++] ? [issue("unique")] : undefined;
    });
  };
  return (reading, asked) => (reading.leavesUnique && !isOutside ? none : check(reading, asked));
}
