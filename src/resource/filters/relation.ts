/**
 * Filters by linked rows: `?author=7`, `?author__in=7,8`, `?tags=1&tags=2` (any of them).
 *
 * A text that cannot be a key is refused here; whether its row exists is for the caller to ask (`RowCheck` in `filters.ts`).
 * Reference: django_filters ModelChoiceFilter, ModelMultipleChoiceFilter; django.forms.models.
 * Differs: `tags__in=1,2` works; the reference refuses whatever it is given.
 */
import type { Comparison, Models, Where } from "../../db/index.ts";
import type { Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import { quoted } from "../serializer/messages.ts";
import { Invalid, invalid } from "../serializer/parser.ts";
import { isIn } from "./condition.ts";
import { type NamedField, storedField } from "./named-field.ts";
import type { Arity, CompiledLookup } from "./outcome.ts";
import { keyReader, readList, type ValueReader } from "./values.ts";

/** Reads the keys of a parameter; undefined where nothing is asked. */
type ReadKeys = (query: QueryParameters, parameter: string) => readonly unknown[] | Invalid | undefined;

/** Compiles `exact` or `in` of a relation. */
export function compileRelation(
  named: NamedField,
  target: Model,
  comparison: Comparison,
  models: Models,
): CompiledLookup {
  const { path, field } = named;
  const reader = keyReader(storedField(field, target, models));
  const arity = comparison === "in" ? "list" : field.kind === "manyToMany" ? "repeated" : "one";
  const readKeys = readers[arity](reader);
  const whereOf = (keys: readonly unknown[]): Where =>
    keys.length === 1 ? { path, lookup: "exact", value: keys[0] } : isIn(path, "in", keys);
  return {
    kind: "key",
    arity,
    target,
    read(query, parameter) {
      const keys = readKeys(query, parameter);
      return keys === undefined || keys instanceof Invalid ? keys : { where: whereOf(keys), keys };
    },
  };
}

const readers = {
  one: (reader) => (query, parameter) => {
    const text = query.get(parameter);
    const key = text === undefined ? undefined : reader.read(text);
    return key === undefined || key instanceof Invalid ? key : [key];
  },
  list: (reader) => (query, parameter) => {
    const keys = readList(query.get(parameter), reader);
    return keys === undefined || keys instanceof Invalid ? keys : distinct(keys);
  },
  // Keys are compared as texts by the reference, so 03 is not 3; and nothing at all is no key.
  repeated: (reader) => (query, parameter) => {
    const keys: unknown[] = [];
    for (const text of query.all(parameter)) {
      const key = reader.read(text);
      if (key instanceof Invalid) return key;
      const isKey = typeof key === "string" || (key !== undefined && String(key) === text);
      if (!isKey) return invalid("invalid_choice", { input: quoted(text) });
      keys.push(key);
    }
    return keys.length === 0 ? undefined : distinct(keys);
  },
} satisfies Record<Exclude<Arity, "pair">, (reader: ValueReader) => ReadKeys>;

const distinct = (keys: readonly unknown[]): unknown[] => [...new Set(keys)].filter((key) => key !== undefined);
