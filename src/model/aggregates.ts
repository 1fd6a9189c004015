/**
 * Fields that are computed of related rows by the database: how many reviews a book has, what the items of an order cost together.
 *
 * Reference: `annotate` with the aggregates of django.db.models. Differs: each is a subquery of its own, so several do not multiply each
 * other's rows; and none of no rows is null, but for a count.
 */
import { ConfigurationError } from "../errors.ts";
import { aFieldOf, defineField, type Field, type FieldKind } from "./field.ts";
import { fieldsOfCondition, type RowCondition } from "./indexes.ts";
import type { Model } from "./model.ts";
import type { OptionsOf } from "./options.ts";

export type AggregateFunction = "count" | "sum" | "avg" | "min" | "max";

/** What is computed, as data. */
export interface RelatedAggregate {
  readonly name: AggregateFunction;
  readonly of: Model;
  /** The foreign key or many-to-many field of `of`. */
  readonly by: string;
  /** The field of `of`; a count has none. */
  readonly field?: string;
  readonly where?: RowCondition;
  readonly unscoped: boolean;
}

export interface AggregateOptions<M extends Model> {
  /** Only rows of which this holds. */
  readonly where?: RowCondition<keyof M["fields"] & string>;
  /** Rows that the user may not see count as well (default false): the value then tells of them. */
  readonly unscoped?: boolean;
  readonly label?: string;
  readonly help?: string;
}

/** The names of fields of some kinds. */
type NamesOf<M extends Model, Kinds extends FieldKind> = {
  [Name in keyof M["fields"] & string]: M["fields"][Name] extends Field<infer K>
    ? K extends Kinds
      ? Name
      : never
    : never;
}[keyof M["fields"] & string];

type Relation = "foreignKey" | "manyToMany";
type Numeric = "integer" | "float" | "decimal";
type Summed = Numeric | "duration";
type Ordered = Summed | "datetime" | "date" | "time" | "text" | "email" | "url" | "slug" | "choice";

const summed = ["integer", "float", "decimal", "duration"] as const satisfies readonly Summed[];
const ordered: ReadonlySet<Ordered> = new Set([
  ...summed,
  ...(["datetime", "date", "time", "text", "email", "url", "slug", "choice"] as const),
]);

const kindsOf: Record<AggregateFunction, ReadonlySet<FieldKind> | undefined> = {
  count: undefined,
  sum: new Set<Summed>(summed),
  avg: new Set<Numeric>(["integer", "float", "decimal"]),
  min: ordered,
  max: ordered,
};

/** Whether a function takes values of a kind. */
export const aggregates = (name: AggregateFunction, kind: FieldKind): boolean => kindsOf[name]?.has(kind) ?? true;

type ReadOnlyOf<K extends FieldKind> = Field<K, OptionsOf[K] & { readonly null: true; readonly readOnly: true }>;
type SameAs<F> = F extends Field<infer K> ? ReadOnlyOf<K> : never;

/**
 * The number of rows that point here. By a many-to-many field of `of` it is the number of those that link this row; on its own model, the
 * number of rows that it links.
 *
 * @throws ConfigurationError  `by` is no relation, or a condition names no field
 * @example
 * resource(Book, { extra: { reviews: field.count(Review, "book", { where: { published: true } }) }, order: ["reviews"] });
 */
export const count = <M extends Model>(
  of: M,
  by: NamesOf<M, Relation>,
  options: AggregateOptions<M> = {},
): Field<"integer", { readonly readOnly: true }> => {
  const { shown, aggregate } = related("count", of, by, undefined, options);
  return defineField("integer", { ...shown, readOnly: true, aggregate });
};

/** The sum of a field of the rows that point here; null where there is none. */
export const sum = <M extends Model, const Name extends NamesOf<M, Summed>>(
  of: M,
  by: NamesOf<M, Relation>,
  name: Name,
  options: AggregateOptions<M> = {},
): SameAs<M["fields"][Name]> => likeField("sum", of, by, name, options);

/** The mean of a field of the rows that point here, as a float; null where there is none. */
export const avg = <M extends Model>(
  of: M,
  by: NamesOf<M, Relation>,
  name: NamesOf<M, Numeric>,
  options: AggregateOptions<M> = {},
): ReadOnlyOf<"float"> => {
  const { shown, aggregate } = related("avg", of, by, name, options);
  return defineField("float", { ...shown, null: true, readOnly: true, aggregate });
};

/** The least value of a field of the rows that point here; null where there is none. */
export const min = <M extends Model, const Name extends NamesOf<M, Ordered>>(
  of: M,
  by: NamesOf<M, Relation>,
  name: Name,
  options: AggregateOptions<M> = {},
): SameAs<M["fields"][Name]> => likeField("min", of, by, name, options);

/** The greatest value of a field of the rows that point here; null where there is none. */
export const max = <M extends Model, const Name extends NamesOf<M, Ordered>>(
  of: M,
  by: NamesOf<M, Relation>,
  name: Name,
  options: AggregateOptions<M> = {},
): SameAs<M["fields"][Name]> => likeField("max", of, by, name, options);

/** What a field computes of related rows; undefined where it is another kind of field. */
export const aggregateOf = ({ options }: Field): RelatedAggregate | undefined =>
  "aggregate" in options ? (options.aggregate as RelatedAggregate) : undefined;

/** A read-only field of the kind of the values that are looked at. */
function likeField<F extends Field>(
  name: AggregateFunction,
  of: Model,
  by: string,
  fieldName: string,
  options: AggregateOptions<Model>,
): F {
  const { shown, aggregate, field } = related(name, of, by, fieldName, options);
  const { maxDigits, decimalPlaces, asNumber, choices, big } = (field?.options ?? {}) as Partial<
    OptionsOf["decimal"] & OptionsOf["choice"] & OptionsOf["integer"]
  >;
  const isBig = field?.kind === "integer" && (name === "sum" || big);
  const format = { maxDigits, decimalPlaces, asNumber, choices, big: isBig || undefined };
  const kept = Object.fromEntries(Object.entries(format).filter(([, value]) => value !== undefined));
  // Its kind is that of the field, which the caller's type was read off.
  return defineField(field?.kind ?? "integer", {
    ...shown,
    ...kept,
    null: true,
    readOnly: true,
    aggregate,
  } as never) as Field as F;
}

function related(
  name: AggregateFunction,
  of: Model,
  by: string,
  fieldName: string | undefined,
  { where, unscoped = false, label, help }: AggregateOptions<Model>,
) {
  const place = `field.${name} of "${of.name}"`;
  const kind = of.fields[by]?.kind;
  if (kind !== "foreignKey" && kind !== "manyToMany")
    throw new ConfigurationError(place, `"${by}" is no foreign key or many-to-many field of ${of.name}`);
  const field = fieldName === undefined ? undefined : of.fields[fieldName];
  if (fieldName !== undefined && !(field && aggregates(name, field.kind)))
    throw new ConfigurationError(
      place,
      field ? `"${fieldName}" is ${aFieldOf(field.kind)}; expected another kind` : `"${fieldName}" is not a field`,
    );
  for (const tested of where ? fieldsOfCondition(place, where) : [])
    if (!Object.hasOwn(of.fields, tested))
      throw new ConfigurationError(place, `"${tested}" is not a field of ${of.name}`);
  const aggregate: RelatedAggregate = Object.freeze({ name, of, by, field: fieldName, where, unscoped });
  const shown = { ...(label === undefined ? {} : { label }), ...(help === undefined ? {} : { help }) };
  return { shown, aggregate, field };
}
