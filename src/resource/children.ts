/**
 * Writing the rows that belong to a row (`field.children`): with it, in its transaction.
 *
 * Created with the row; an update that sends them replaces them as a set, one that does not leaves them. One that is sent with its
 * key is changed and stays the row it was. Whether they are right was found out before, together with the row (`serializer/checks.ts`).
 * Reference: writable nested serializers, which rest_framework.serializers leaves to `create` and `update` of one's own.
 */
import {
  type Awaitable,
  type Executor,
  type RuleOf,
  type Stamp,
  type Store,
  UniqueViolation,
  type Values,
} from "../db/index.ts";
import { IssuesByIndex, ValidationError } from "../errors.ts";
import type { FieldMap, Model } from "../model/index.ts";
import { issuesOf } from "./refusal.ts";
import type { Resource } from "./resource.ts";
import { createChildReader } from "./serializer/child-reader.ts";
import { childRowsOf } from "./serializer/row-reader.ts";

/** The models that a resource reads and writes: its own, and those of its children. */
export const modelsOf = ({ model, fields }: Resource): readonly Model[] => [
  model,
  ...Object.values(fields).flatMap((field) => childRowsOf(field)?.of ?? []),
];

export interface ChildWriter {
  /** No field holds children that could be written. */
  readonly isEmpty: boolean;
  /** Writes the children that `values` hold; those that were there and are seen go, unless the row is new. */
  write(executor: Executor, key: unknown, values: Values, stamp: Stamp, seen: RuleOf | "new"): Promise<void>;
}

/** Compiles the writer of a resource's children. */
export function createChildWriter(fields: FieldMap, storeOf: (model: Model) => Store): ChildWriter {
  const kinds = Object.entries(fields).flatMap(([name, field]) => {
    const rows = field.readOnly ? undefined : childRowsOf(field);
    return rows ? [{ name, writeAll: childrenWriter(name, storeOf(rows.of), rows.by) }] : [];
  });
  return {
    isEmpty: kinds.length === 0,
    async write(executor, key, values, stamp, seen) {
      for (const { name, writeAll } of kinds) {
        const items = values[name];
        if (Array.isArray(items)) await writeAll(executor, key, items, stamp, seen);
      }
    },
  };
}

/** A child that was sent, and where it stood. */
interface Placed {
  readonly item: Values;
  readonly index: number;
}

/** Writes the children of one kind. @param name  the field that holds them */
function childrenWriter(name: string, store: Store, by: string) {
  const { primaryKey, fields } = store.model;
  const isKeyOurs = fields[primaryKey]?.readOnly === true;
  const readThere = createChildReader(store, by);
  const withoutKey = ({ [primaryKey]: _, ...values }: Values): Values => values;

  return async (
    executor: Executor,
    owner: unknown,
    items: readonly Values[],
    stamp: Stamp,
    seen: RuleOf | "new",
  ): Promise<void> => {
    const there = seen === "new" ? undefined : (await readThere({ executor, visible: seen }, [owner])).get(owner);
    const rule = seen === "new" ? undefined : seen;
    const [kept, made]: [Placed[], Placed[]] = [[], []];
    for (const [index, item] of items.entries())
      (there?.has(item[primaryKey]) ? kept : made).push({ item: { ...item, [by]: owner }, index });
    const stay = new Set(kept.map(({ item }) => item[primaryKey]));
    const gone = [...(there?.keys() ?? [])].filter((key) => !stay.has(key));
    if (gone.length > 0) await store.delete(executor, gone);

    /** A value that was taken meanwhile is told at its place among the children, as the check beforehand does. */
    const placed = async (index: number, work: () => Awaitable<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        const issues = issuesOf(error, store.model);
        throw new ValidationError({ [name]: new IssuesByIndex(items.map((_, i) => (i === index ? issues : {}))) });
      }
    };
    const changeOne = (inner: Executor, item: Values) =>
      store.change(inner, item[primaryKey], withoutKey(item), stamp, rule);
    const change = async (inner: Executor): Promise<void> => {
      for (const { item } of kept) await changeOne(inner, item);
    };
    /** Children that exchange a unique value cannot be changed one after the other; links, and rows that point at them, stay. */
    const exchange = async (): Promise<void> => {
      await store.deleteAlone(executor, [...stay]);
      for (const { item, index } of kept)
        await placed(index, () => store.insert(executor, { ...there?.get(item[primaryKey]), ...item }));
      await change(executor);
    };
    const [only] = kept;
    if (only && kept.length === 1) await placed(only.index, () => changeOne(executor, only.item));
    else if (kept.length > 1) {
      try {
        await executor.transaction(change);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        await exchange();
      }
    }
    for (const { item, index } of made)
      await placed(index, () => store.create(executor, isKeyOurs ? withoutKey(item) : item, stamp));
  };
}
