/**
 * The schema of a field's value, by kind: what may be sent, and what is shown.
 *
 * Of what is shown the type and the format are told, not the limits: rows may be older than these. Of what is sent the strict form is
 * told, where the server takes others as well (a decimal as a number, a date without its zeros).
 * A `format` is left out where the value may be an empty text, which has none.
 */
import { customOf, type Field, type FieldKind, type OptionsOf } from "../model/index.ts";
import { choiceSchema } from "./choice-schema.ts";
import type { Schema } from "./document.ts";
import { decimalExample, samples } from "./examples.ts";

export type Use = "sent" | "shown";

/** Where a value stands. */
export interface At {
  readonly use: Use;
  /** The name that a component of its own has, e.g. `TaskPriority`. */
  readonly name: string;
  /** The value is that of a column, which has limits of its own. */
  readonly isColumn: boolean;
}

/** What the schemas of values are made with. */
export interface Values {
  /** A component of its own. */
  component(name: string, schema: Schema): Schema;
  /** The key of the rows that a relation points at. */
  keyOf(field: Field): Schema;
  /** An object with fields of its own, inside this one. */
  object(fields: Field<"nested">["options"]["fields"], at: At): Schema;
}

type Make<K extends FieldKind> = (field: Field<K>, at: At, values: Values) => Schema;

/** The schema of a value that is there and not null. */
export function valueSchema(field: Field, at: At, values: Values): Schema {
  const own = customOf(field);
  if (own?.toColumn) return {};
  const make: Make<typeof field.kind> = kinds[field.kind] as Make<typeof field.kind>;
  return make(field, at, values);
}

/** The same, or null where that is allowed. */
export function nullable(schema: Schema, isNullable: boolean): Schema {
  if (!isNullable) return schema;
  const { type, anyOf, $ref, enum: choices } = schema;
  if ($ref !== undefined) return { anyOf: [schema, { type: "null" }] };
  if (anyOf) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  if (type === undefined) return schema;
  return { ...schema, type: [type, "null"].flat(), ...(choices && { enum: [...choices, null] }) };
}

const textOf =
  (about: { readonly format?: string; readonly examples?: readonly unknown[] } = {}) =>
  ({ options }: Field<"text" | "email" | "url" | "slug">, { use }: At): Schema => {
    const { format, examples } = about;
    const shown: Schema = { type: "string", ...(format && !options.blank ? { format } : {}) };
    if (use === "shown") return { ...shown, ...(examples && { examples }) };
    const { minLength, maxLength, pattern, blank } = options;
    const isOpen = pattern === undefined && (maxLength === undefined || maxLength >= 24);
    return {
      ...shown,
      ...(blank ? {} : { minLength: minLength ?? 1 }),
      ...(maxLength !== undefined && { maxLength }),
      ...(pattern && !blank && !pattern.flags.replace(/[gyu]/g, "") && isUnicode(pattern.source)
        ? { pattern: pattern.source }
        : {}),
      ...(examples && isOpen && { examples }),
    };
  };

/** Whether a pattern means the same to those who read it with the flag `u`, as validators of JSON Schema do. */
function isUnicode(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

const limits = ({ min, max }: OptionsOf["integer" | "float" | "decimal"]): Schema => ({
  ...(min !== undefined && { minimum: min }),
  ...(max !== undefined && { maximum: max }),
});

/** What a column of so many bits takes. */
const signed = (bits: number): Schema => ({ minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 });

const integer: Make<"integer"> = ({ options }, { use, isColumn }) => {
  const format = options.big ? "int64" : "int32";
  const type: Schema = { type: "integer", ...(isColumn && { format }) };
  return use === "shown"
    ? type
    : { ...type, ...(isColumn && !options.big ? signed(options.small ? 16 : 32) : {}), ...limits(options) };
};

const decimal: Make<"decimal"> = ({ options }, { use }) => {
  const examples = decimalExample(options);
  if (options.asNumber) return { type: "number", ...(use === "sent" ? limits(options) : {}), ...examples };
  const { maxDigits, decimalPlaces } = options;
  const whole = Math.max(maxDigits - decimalPlaces, 1);
  const pattern =
    use === "shown"
      ? "^-?\\d+(\\.\\d+)?$"
      : `^-?\\d{1,${whole}}${decimalPlaces > 0 ? `(\\.\\d{1,${decimalPlaces}})?` : ""}$`;
  return { type: "string", format: "decimal", pattern, ...boundsInWords(options, use), ...examples };
};

/** JSON Schema compares numbers alone. */
const boundsInWords = ({ min, max }: OptionsOf["decimal"], use: Use): Schema => {
  if (use === "shown" || (min === undefined && max === undefined)) return {};
  const words = [min === undefined ? "" : `at least ${min}`, max === undefined ? "" : `at most ${max}`];
  return { description: `A decimal number, ${words.filter((word) => word !== "").join(", ")}.` };
};

const file: Make<"file"> = ({ options: { extensions, maxBytes } }, { use }) => {
  if (use === "shown") return { type: "string", format: "uri", description: "URL of the file." };
  const ends = extensions ? `, its name ending in ${extensions.map((end) => `.${end}`).join(", ")}` : "";
  const size = maxBytes === undefined ? "" : `, at most ${maxBytes} bytes`;
  return {
    ...{ type: "string", format: "binary", contentMediaType: "application/octet-stream" },
    description: `A file${ends}${size}.`,
  };
};

const list: Make<"list"> = ({ options }, at, values) => {
  const { of, minItems, maxItems, allowEmpty = true } = options;
  const items = of ? nullable(valueSchema(of, { ...at, isColumn: false }, values), of.null) : {};
  if (at.use === "shown") return { type: "array", items };
  const least = minItems ?? (allowEmpty ? undefined : 1);
  return {
    ...{ type: "array", items },
    ...(least !== undefined && { minItems: least }),
    ...(maxItems !== undefined && { maxItems }),
  };
};

const manyToMany: Make<"manyToMany"> = (field, { use }, values) => ({
  ...{ type: "array", items: values.keyOf(field) },
  ...(use === "sent" && !field.options.blank ? { minItems: 1 } : {}),
});

const dict: Make<"dict"> = ({ options: { of } }, at, values) => ({
  type: "object",
  additionalProperties: of ? nullable(valueSchema(of, { ...at, isColumn: false }, values), of.null) : {},
});

const kinds = {
  boolean: () => ({ type: "boolean" }),
  text: textOf(),
  email: textOf({ format: "email", examples: samples.email }),
  url: textOf({ format: "uri", examples: samples.url }),
  slug: (field, at) => ({
    ...textOf({ examples: samples.slug })(field, at),
    ...(at.use === "sent" && !field.options.blank ? { pattern: "^[-a-zA-Z0-9_]+$" } : {}),
  }),
  uuid: () => ({ type: "string", format: "uuid", examples: samples.uuid }),
  ip: () => ({ type: "string", description: "An IPv4 or IPv6 address.", examples: samples.ip }),
  integer,
  float: ({ options }, { use }) => ({ type: "number", format: "double", ...(use === "sent" ? limits(options) : {}) }),
  decimal,
  datetime: () => ({ type: "string", format: "date-time", examples: samples.datetime }),
  date: () => ({ type: "string", format: "date", examples: samples.date }),
  // A time of day has no offset here, so it is not the format `time` of RFC 3339.
  time: () => ({ type: "string", pattern: "^\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?$", examples: samples.time }),
  duration: () => ({
    ...{ type: "string", pattern: "^(-?\\d+ )?-?\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?$", examples: samples.duration },
    description: "Days, hours, minutes and seconds.",
  }),
  choice: (field, at, values) => choiceSchema(field, at.name, values.component),
  binary: ({ options: { maxBytes } }) => ({
    ...{ type: "string", contentEncoding: "base64" },
    ...(maxBytes !== undefined && { maxLength: 4 * Math.ceil(maxBytes / 3) }),
  }),
  json: () => ({}),
  list,
  dict,
  nested: ({ options }, at, values) => values.object(options.fields, at),
  foreignKey: (field, _, values) => values.keyOf(field),
  manyToMany,
  computed: () => ({}),
  file,
} satisfies { readonly [K in FieldKind]: Make<K> };
