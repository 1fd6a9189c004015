/**
 * The field kinds, as people write them: `field.text({ maxLength: 64 })`.
 *
 * Reference: django.db.models.fields and rest_framework.fields; a kind stands for both a column and its validation.
 */

import { defineField, type Field, type FieldMap } from "./field.ts";
import type { Model } from "./model.ts";
import type {
  BinaryOptions,
  ChoiceOptions,
  ComputedOptions,
  DecimalOptions,
  DictOptions,
  FieldOptions,
  FileOptions,
  ForeignKeyOptions,
  IntegerOptions,
  ListOptions,
  ManyToManyOptions,
  NestedOptions,
  NumberOptions,
  Target,
  TextOptions,
} from "./options.ts";

type None = Record<never, never>;

// `NoInfer` in what they return: what a field is follows from its own options, not from the place where it is put.

/** The automatic primary key. A model without a primary key gets one, named `id`. */
export const id = () => defineField("integer", { primaryKey: true, big: true, label: "ID" });

/** True or false. */
export const boolean = <const O extends FieldOptions = None>(options?: O): Field<"boolean", NoInfer<O>> =>
  defineField("boolean", (options ?? {}) as O);

/**
 * Text; with `maxLength` a `varchar`, without one an unlimited `text` column.
 *
 * @example
 * field.text({ maxLength: 13, unique: true, pattern: /^\d{13}$/ })
 */
export const text = <const O extends TextOptions = None>(options?: O): Field<"text", NoInfer<O>> =>
  defineField("text", (options ?? {}) as O);

/** An e-mail address, at most 254 characters. */
export const email = <const O extends TextOptions = None>(
  options?: O,
): Field<"email", NoInfer<O> & { maxLength: number }> =>
  defineField("email", { maxLength: 254, ...options } as O & { maxLength: number });

/** An absolute http, https, ftp or ftps URL, at most 200 characters. */
export const url = <const O extends TextOptions = None>(
  options?: O,
): Field<"url", NoInfer<O> & { maxLength: number }> =>
  defineField("url", { maxLength: 200, ...options } as O & { maxLength: number });

/** Letters, digits, `_` and `-`, at most 50 characters. */
export const slug = <const O extends TextOptions = None>(
  options?: O,
): Field<"slug", NoInfer<O> & { maxLength: number }> =>
  defineField("slug", { maxLength: 50, ...options } as O & { maxLength: number });

/** A UUID in its hyphenated form; `auto: "uuid"` makes a random one. */
export const uuid = <const O extends FieldOptions = None>(options?: O): Field<"uuid", NoInfer<O>> =>
  defineField("uuid", (options ?? {}) as O);

/** An IPv4 or IPv6 address. */
export const ip = <const O extends FieldOptions = None>(options?: O): Field<"ip", NoInfer<O>> =>
  defineField("ip", (options ?? {}) as O);

/**
 * A whole number of 32 bits; with `big` of 64, with `small` of 16; `min: 0` has the database check that it is none below.
 *
 * One beyond 2^53 is exact in JSON, in a row it is a `bigint`, though its type says number.
 */
export const integer = <const O extends IntegerOptions = None>(options?: O): Field<"integer", NoInfer<O>> =>
  defineField("integer", (options ?? {}) as O);

/** A floating-point number; not a number and infinity are refused. */
export const float = <const O extends NumberOptions = None>(options?: O): Field<"float", NoInfer<O>> =>
  defineField("float", (options ?? {}) as O);

/** An exact decimal number; its value is a string such as `"12.50"`. */
export const decimal = <const O extends DecimalOptions>(options: O) => defineField("decimal", options);

/** A point in time; its value is an ISO 8601 string in UTC with up to six decimals, `"2024-01-01T08:00:00Z"`. */
export const datetime = <const O extends FieldOptions = None>(options?: O): Field<"datetime", NoInfer<O>> =>
  defineField("datetime", (options ?? {}) as O);

/** A calendar date, `"2024-01-31"`. */
export const date = <const O extends FieldOptions = None>(options?: O): Field<"date", NoInfer<O>> =>
  defineField("date", (options ?? {}) as O);

/** A time of day, `"08:30:00"`. */
export const time = <const O extends FieldOptions = None>(options?: O): Field<"time", NoInfer<O>> =>
  defineField("time", (options ?? {}) as O);

/** A span of time, `"1 02:03:04.500000"`: days, hours, minutes, seconds. */
export const duration = <const O extends FieldOptions = None>(options?: O): Field<"duration", NoInfer<O>> =>
  defineField("duration", (options ?? {}) as O);

/**
 * One of some values.
 *
 * @example
 * field.choice({ choices: [["fiction", "Fiction"], ["poetry", "Poetry"]], maxLength: 10 })
 */
export const choice = <const O extends ChoiceOptions>(options: O) => defineField("choice", options);

/** Any JSON value. */
export const json = <const O extends FieldOptions = None>(options?: O): Field<"json", NoInfer<O>> =>
  defineField("json", (options ?? {}) as O);

/**
 * Bytes, in a row and in JSON as base64 text (RFC 4648 section 4). Clients may not send them unless it says `readOnly: false`; what people
 * upload is rather a `file`.
 *
 * @example
 * const Device = model("device", { fields: { name: field.text(), public_key: field.binary({ maxBytes: 64, readOnly: false }) } });
 */
export const binary = <const O extends BinaryOptions = None>(
  options?: O,
): Field<"binary", NoInfer<ReadOnlyUnless<O>>> =>
  defineField("binary", { readOnly: true, ...options } as ReadOnlyUnless<O>);

type ReadOnlyUnless<O> = O extends { readonly readOnly: boolean } ? O : O & { readonly readOnly: true };

/** A list; not a column, for inputs and outputs of actions. */
export const list = <const O extends ListOptions = None>(options?: O): Field<"list", NoInfer<O>> =>
  defineField("list", (options ?? {}) as O);

/** An object with values of one kind; not a column. */
export const dict = <const O extends DictOptions = None>(options?: O) => defineField("dict", (options ?? {}) as O);

/**
 * An object with fields of its own; not a column. With `source` it shows the row that a foreign key points at.
 *
 * @example
 * field.nested({ source: "book", fields: { title: field.text(), author: field.text({ source: "author.name" }) } })
 */
export const nested = <const O extends NestedOptions>(options: O) => defineField("nested", options);

/**
 * A file, kept in the folder MEDIA_ROOT: clients send it in a multipart body and are shown its URL.
 *
 * Its column, and its value in own code, is the path within that folder, at most 100 characters: `covers/snow.png`.
 *
 * @example
 * const Report = model("report", {
 *   fields: {
 *     title: field.text({ maxLength: 80 }),
 *     paper: field.file({ uploadTo: "reports/%Y", extensions: ["pdf"], maxBytes: 10_000_000 }),
 *     cover: field.image({ uploadTo: "covers", null: true, removeOld: true }),
 *   },
 * });
 */
export const file = <const O extends FileOptions = None>(
  options?: O,
): Field<"file", NoInfer<O> & { maxLength: number }> =>
  defineField("file", { maxLength: 100, ...options } as O & { maxLength: number });

/** A file that is a PNG, JPEG, GIF, WebP or AVIF image, by its first bytes and the end of its name. */
export const image = <const O extends FileOptions = None>(
  options?: O,
): Field<"file", NoInfer<O> & { maxLength: number }> =>
  file({ image: true, extensions: ["png", "jpg", "jpeg", "gif", "webp", "avif"], ...options } as O &
    FileOptions) as Field<"file", NoInfer<O> & { maxLength: number }>;

/** A link to one row of another model; its value is that row's primary key, its column is `<name>_id`. */
export const foreignKey = <const T extends Target, const O extends Omit<ForeignKeyOptions, "to"> = None>(
  to: T,
  options?: O,
): Field<"foreignKey", NoInfer<O> & { readonly to: NoInfer<T> }> =>
  defineField("foreignKey", { ...options, to } as O & { to: T });

/** Links to many rows of another model, kept in a table between; its value is a list of primary keys. */
export const manyToMany = <const T extends Target, const O extends Omit<ManyToManyOptions, "to"> = None>(
  to: T,
  options?: O,
): Field<"manyToMany", NoInfer<O> & { readonly to: NoInfer<T> }> =>
  defineField("manyToMany", { ...options, to } as O & { to: T });

/** The user who created the row: a foreign key to `auth.user`, set by the server, read-only. */
export const owner = () => defineField("foreignKey", { to: "auth.user", auto: "user" });

/** When the row was created, set by the server. */
export const createdAt = () => defineField("datetime", { auto: "created" });

/** When the row was last written, set by the server. */
export const updatedAt = () => defineField("datetime", { auto: "updated" });

/**
 * The rows of another model that point here, each as an object; not a column. They come with two statements, whatever the number
 * of rows, in their model's order. What a client sends is written with the row, in its transaction: at creation they are created,
 * an update that sends them replaces them, one that does not leaves them. One that is sent with its key is changed, and stays the
 * row it was. Without `fields` they have all of their model's but `by`. More than 1000 are refused, unless `maxItems` says otherwise.
 *
 * @param of  their model
 * @param by  their foreign key that points here
 * @example
 * resource(Order, { extra: { items: field.children(Item, "order", { fields: { product: Item.fields.product } }) } });
 */
export const children = <M extends Model, const O extends ChildrenOptions = None>(
  of: M,
  by: keyof M["fields"] & string,
  options?: O,
) => {
  const shown = Object.entries(of.fields).filter(([name]) => name !== by);
  const { fields = Object.fromEntries(shown), ...others } = options ?? ({} as O);
  const item = defineField("nested", {
    fields: withKey(of, fields) as O extends { fields: infer F extends FieldMap } ? F : M["fields"],
  });
  return defineField("list", { maxItems: CHILDREN_AT_MOST, ...others, of: item, rows: { of, by } } as Omit<
    O,
    "fields"
  > & {
    of: typeof item;
    rows: { of: M; by: string };
  });
};

/** A key that the database gives is taken from a body to tell which child is meant. */
function withKey({ primaryKey, fields: own }: Model, fields: FieldMap): FieldMap {
  const key = fields[primaryKey];
  if (!key?.readOnly || key !== own[primaryKey]) return fields;
  return {
    ...fields,
    [primaryKey]: defineField(key.kind, { ...key.options, readOnly: false, required: false, null: true }),
  };
}

/** As many as the items of a bulk write, for each is a statement or two. */
const CHILDREN_AT_MOST = 1000;

/** Options of `children`. */
export interface ChildrenOptions extends Omit<ListOptions, "of" | "rows"> {
  /** What is shown and accepted of each. */
  readonly fields?: FieldMap;
}

/**
 * A read-only value computed from the object that is represented.
 *
 * @example
 * field.computed((book: { pages: number }) => book.pages > 300, { shows: field.boolean() })
 */
export const computed = <const From extends ComputedOptions["from"]>(
  from: From,
  options?: Pick<ComputedOptions, "shows" | "label" | "help">,
) => defineField("computed", { ...options, from, readOnly: true } as { from: From; readOnly: true });

/**
 * A read-only value found by following foreign keys, e.g. `field.from("author.name")`.
 * The path is checked when the app starts; the value has the format of the field it ends at, and is typed as text.
 */
export const from = <const S extends string>(source: S) =>
  defineField("computed", { source } as { readonly source: S; readonly from?: (object: never) => string });

export { avg, count, max, min, sum } from "./aggregates.ts";
export { custom } from "./custom.ts";
export type { Field, FieldMap };
