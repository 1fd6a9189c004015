/** Values that a schema allows, most of the time. */
import fc from "fast-check";
import type { Schema } from "../../src/openapi/document.ts";

export interface Known {
  /** The component that a schema refers to, or the schema itself. */
  resolve(schema: Schema): Schema;
  /** Values that properties of some names had better have: nobody guesses a password. */
  readonly hints?: Readonly<Record<string, readonly unknown[]>>;
  /** Keys of rows that are there, by the description of such a key. */
  readonly keys?: ReadonlyMap<string, readonly unknown[]>;
}

/** Values of a schema. */
export function valuesOf(schema: Schema, known: Known, depth = 0): fc.Arbitrary<unknown> {
  const keys = known.keys?.get(schema.description ?? "");
  if (keys) {
    const another = valuesOf({ ...schema, description: "" }, known, depth);
    return fc.oneof({ arbitrary: fc.constantFrom(...keys), weight: 6 }, another);
  }
  const { anyOf, type, enum: choices, ...about } = known.resolve(schema);
  if (choices) return fc.constantFrom(...choices);
  if (anyOf) return fc.oneof(...anyOf.map((one) => valuesOf(one, known, depth)));
  const types = [type ?? []].flat();
  if (types.length > 1) return fc.oneof(...types.map((one) => valuesOf({ ...about, type: one }, known, depth)));
  switch (types[0]) {
    case "string":
      return textsOf(about);
    case "integer": {
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = about;
      const small = fc.integer({ min: Math.max(minimum, 1), max: Math.max(minimum, Math.min(maximum, 6)) });
      return fc.oneof(
        { arbitrary: small, weight: 4 },
        fc.maxSafeInteger().filter((n) => n >= minimum && n <= maximum),
      );
    }
    case "number":
      return fc
        .double({ min: about.minimum ?? -1e6, max: about.maximum ?? 1e6, noNaN: true })
        .map((number) => Math.round(number * 100) / 100 + 0);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const { items = {}, minItems = 0, maxItems = 3 } = about;
      if (depth > 4) return fc.constant([]);
      return fc.array(valuesOf(items, known, depth + 1), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 3)),
      });
    }
    case "object": {
      const { properties = {}, required = [], additionalProperties } = about;
      const values = Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => {
          const value = valuesOf(inner, known, depth + 1);
          const hints = known.hints?.[name];
          return [name, hints ? fc.oneof({ arbitrary: fc.constantFrom(...hints), weight: 6 }, value) : value];
        }),
      );
      const named = fc.record(values, { requiredKeys: [...required] });
      if (typeof additionalProperties !== "object" || Object.keys(properties).length > 0) return named;
      return fc.dictionary(fc.constantFrom("a", "b", "c"), valuesOf(additionalProperties, known, depth + 1), {
        maxKeys: 2,
      });
    }
    default:
      return fc.jsonValue({ maxDepth: 2, noUnicodeString: true } as object);
  }
}

function textsOf({ format, pattern, minLength = 0, maxLength = 200, examples = [] }: Schema): fc.Arbitrary<unknown> {
  const known: fc.Arbitrary<unknown>[] = examples.length > 0 ? [fc.constantFrom(...examples)] : [];
  switch (format) {
    case "date-time":
      return fc
        .date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString());
    case "date":
      return fc
        .date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10));
    case "uuid":
      return fc.uuid();
    case "email":
    case "uri":
      return fc.oneof(...known);
  }
  // fast-check makes no texts of Unicode's classes.
  if (pattern !== undefined)
    known.push(fc.stringMatching(pattern.includes("\\p{") ? /^[a-z0-9]{4,10}$/ : new RegExp(pattern)));
  if (known.length > 0) return fc.oneof(...known);
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 12)) });
}

/** The same, sometimes with something wrong in it. */
export function sentBodies(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const right = valuesOf(schema, known);
  const spoilt = fc.tuple(right, fc.nat(20), fc.jsonValue({ maxDepth: 1 })).map(([value, at, other]) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return other;
    const names = Object.keys(value);
    const name = names[at % Math.max(names.length, 1)];
    return name === undefined ? other : { ...value, [name]: other };
  });
  const less = fc.tuple(right, fc.nat(20)).map(([value, at]) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(Object.entries(value).filter((_, i) => i !== at % Object.keys(value).length));
  });
  return fc.oneof(
    { arbitrary: right, weight: 5 },
    { arbitrary: spoilt, weight: 2 },
    less,
    fc.jsonValue({ maxDepth: 2 }),
  );
}
