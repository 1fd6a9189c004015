/**
 * Writing the rows that belong to a row (`field.children`): with it, in its transaction.
 *
 * Created with the row; an update that sends them replaces them as a set, one that does not leaves them. Whether they are right
 * was found out before, together with the row (`serializer/checks.ts`).
 * Reference: writable nested serializers, which rest_framework.serializers leaves to `create` and `update` of one's own.
 */
import type { Executor, RuleOf, Stamp, Store, Values } from "../db/index.ts";
import type { FieldMap, Model } from "../model/index.ts";
import type { Resource } from "./resource.ts";
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
    return rows ? [{ name, by: rows.by, store: storeOf(rows.of) }] : [];
  });
  return {
    isEmpty: kinds.length === 0,
    async write(executor, key, values, stamp, seen) {
      for (const { name, by, store } of kinds) {
        const items = values[name];
        if (!Array.isArray(items)) continue;
        if (seen !== "new") {
          const replaced = { and: [{ path: by, value: key }, await seen(store.model)] };
          await store.delete(executor, await store.keysWhere(executor, replaced));
        }
        for (const item of items) await store.create(executor, { ...item, [by]: key }, stamp);
      }
    },
  };
}
