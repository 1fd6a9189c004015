/**
 * Reading the keys of related rows: their shape and type. Whether the rows exist is asked later, of the database.
 *
 * Reference: rest_framework.relations (PrimaryKeyRelatedField, ManyRelatedField); the key is converted as Django's lookup does
 * it: `"2"` and 2.5 are 2, a boolean is no key.
 * Differs: a whole number beyond 64 bits is a key that does not exist; the reference fails.
 */
import type { Target } from "../../../model/index.ts";
import { quoted, typeName } from "../messages.ts";
import { Invalid, invalid, type MakeParser, type Parse } from "../parser.ts";
import { checked } from "./checked.ts";
import { strip } from "./strip.ts";
import { isObject } from "./structure.ts";

/** Digits of the largest key, with its sign. */
const MAX_CHARACTERS = 20;

/** One key; "" is null. */
export const foreignKey: MakeParser<"foreignKey"> = (field, parserOf) => {
  const parseKey = keyParser(field.options.to, parserOf);
  const nothing = field.null ? null : invalid("null");
  return checked(field, (raw) => (raw === "" ? nothing : parseKey(raw)));
};

/** A list of keys, each once; of an object, its names. Empty only where that is declared. */
export const manyToMany: MakeParser<"manyToMany"> = (field, parserOf) => {
  const parseKey = keyParser(field.options.to, parserOf);
  const { blank } = field.options;
  return checked(field, (raw) => {
    const items: unknown = isObject(raw) ? Object.keys(raw) : raw;
    if (!Array.isArray(items)) return invalid("not_a_list", { type: typeName(raw) });
    if (!blank && items.length === 0) return invalid("empty");
    const keys = new Set<unknown>();
    for (const item of items) {
      const key = item === null ? doesNotExist(item) : parseKey(item);
      if (key instanceof Invalid) return key;
      keys.add(key);
    }
    return [...keys];
  });
};

/** In an input that stands alone a name stands for a model whose keys are whole numbers, like those of every model that declares none. */
function keyParser(to: Target, parserOf: Parameters<MakeParser<"foreignKey">>[1]): Parse {
  const target = typeof to === "function" ? to() : to;
  const key = typeof target === "string" ? undefined : target.fields[target.primaryKey];
  if (!key || key.kind === "integer") return toWholeKey;
  const parse = parserOf(key);
  return (raw) => (typeof raw === "object" || typeof raw === "boolean" ? incorrectType(raw) : parse(raw));
}

function toWholeKey(raw: unknown): number | bigint | Invalid {
  if (typeof raw === "number") {
    return Number.isSafeInteger(Math.trunc(raw)) ? Math.trunc(raw) : doesNotExist(raw);
  }
  if (typeof raw === "bigint") return BigInt.asIntN(64, raw) === raw ? raw : doesNotExist(raw);
  if (typeof raw !== "string") return incorrectType(raw);
  const text = strip(raw);
  if (!/^[+-]?\d+$/.test(text)) return incorrectType(raw);
  const digits = text.replace(/^([+-]?)0+(?=\d)/, "$1");
  if (digits.length > MAX_CHARACTERS) return doesNotExist(raw);
  const key = Number(digits);
  return Number.isSafeInteger(key) ? key : toWholeKey(BigInt(digits));
}

const incorrectType = (raw: unknown): Invalid => invalid("incorrect_type", { type: typeName(raw) });
const doesNotExist = (raw: unknown): Invalid => invalid("does_not_exist", { input: quoted(raw) });
