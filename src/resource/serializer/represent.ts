/**
 * The object that a client gets for plain values: inputs that are echoed, results of actions. Rows have `row-reader.ts`.
 *
 * Values already are what JSON carries; what is left is the order of the fields, paths, decimals, and what is not there.
 * Reference: rest_framework.serializers.Serializer.to_representation and rest_framework.fields.Field.get_attribute.
 */
import { inOrder } from "../../db/index.ts";
import { customOf, type Field, type FieldMap, type OptionsOf } from "../../model/index.ts";
import { readDecimal, writeDecimal } from "./decimal.ts";
import { isObject } from "./parse/structure.ts";
import { missing } from "./parser.ts";

type PlainObject = Readonly<Record<string, unknown>>;
type Represent = (value: unknown) => unknown;

/**
 * Compiles the representation of objects with these fields. Write-only fields are left out; a value that is not there is the
 * field's default, null where that is allowed, and left out where the field is optional.
 *
 * @throws TypeError  (the representer) a required value is not there, or a decimal is no number
 */
export function representerOf(fields: FieldMap): (object: PlainObject) => Record<string, unknown> {
  const steps = Object.entries(fields)
    .filter(([, field]) => !field.writeOnly)
    .map(([name, field]) => ({
      name,
      get: getterOf(name, field),
      represent: representOf(field),
      whenMissing: whenMissing(name, field),
    }));
  return (object) => {
    const shown: Record<string, unknown> = {};
    for (const { name, get, represent, whenMissing } of steps) {
      const found = get(object);
      const value = found === undefined ? whenMissing() : found;
      if (value !== missing) shown[name] = value === null ? null : represent(value);
    }
    return shown;
  };
}

function getterOf(name: string, { options }: Field): (object: PlainObject) => unknown {
  if ("from" in options && options.from) {
    const { from } = options;
    return (object) => from(object as never);
  }
  if (options.source === undefined) return (object) => (Object.hasOwn(object, name) ? object[name] : undefined);
  const path = options.source.split(".");
  return (object) => path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object);
}

function whenMissing(name: string, { options, null: mayBeNull, required }: Field): () => unknown {
  if ("default" in options) {
    const { default: value } = options;
    return typeof value === "function" ? () => value() : () => value;
  }
  if (mayBeNull) return () => null;
  if (!required) return () => missing;
  return () => {
    throw new TypeError(`the object to show has no "${name}", which is required`);
  };
}

function representOf(field: Field): Represent {
  const { options } = field;
  // Its value is what JSON carries, whatever the kind of its column shows.
  if (customOf(field)) return (value) => value;
  if ("decimalPlaces" in options) return decimalWriter(options);
  if ("fields" in options) {
    const represent = representerOf(options.fields);
    return (value) => (isObject(value) ? represent(value) : value);
  }
  if (!("of" in options) || !options.of) return (value) => value;
  const inner = representOf(options.of);
  const each: Represent = (value) => (value === null ? null : inner(value));
  return (value) => {
    if (Array.isArray(value)) return value.map(each);
    return isObject(value) ? inOrder(new Map(Object.entries(value).map(([key, item]) => [key, each(item)]))) : value;
  };
}

function decimalWriter({ decimalPlaces, asNumber }: OptionsOf["decimal"]): Represent {
  return (value) => {
    const number = readDecimal(String(value));
    if (!number) throw new TypeError("expected a decimal number such as 12.50");
    const text = writeDecimal(number, decimalPlaces);
    return asNumber ? Number(text) : text;
  };
}
