/**
 * What is computed of many rows of a table: `aggregate.sum("price")`, as data.
 *
 * Reference: Count, Sum, Avg, Min and Max of django.db.models.aggregates. Differs: a mean is a number, also of decimals.
 */
import type { AggregateFunction, Field, FieldKind, Model, RowOf } from "../model/index.ts";
import type { PathOf, Where } from "./where.ts";

/** A function over the rows of a group, or of all rows. */
export interface Aggregate<Name extends AggregateFunction = AggregateFunction, Path extends string = string> {
  readonly name: Name;
  /** The field whose values it is of, also behind foreign keys; a count without one is of rows. */
  readonly path?: Path;
  /** Equal values count once. */
  readonly distinct?: boolean;
  /** Only rows of which this holds. */
  readonly where?: Where;
}

export interface OfRows {
  readonly where?: Where;
}
export interface OfValues extends OfRows {
  readonly distinct?: boolean;
}

const of = <Name extends AggregateFunction, Path extends string>(
  name: Name,
  path: Path | undefined,
  options: OfValues = {},
): Aggregate<Name, Path> => Object.freeze({ name, path, ...options });

/**
 * The number of rows, or of the values of a field that are not null.
 * @example
 * const { books, authors } = await table(Book).aggregate({ books: aggregate.count(), authors: aggregate.count("author", { distinct: true }) });
 */
export function count(options?: OfRows): Aggregate<"count", never>;
export function count<const Path extends string>(path: Path, options?: OfValues): Aggregate<"count", Path>;
export function count(path?: string | OfRows, options?: OfValues): Aggregate<"count"> {
  return typeof path === "object" ? of("count", undefined, path) : of("count", path, options);
}

/** The sum of numbers or durations, of their field's type; null of no rows. */
export const sum = <const Path extends string>(path: Path, options?: OfValues): Aggregate<"sum", Path> =>
  of("sum", path, options);

/** The mean of numbers, as a number; null of no rows. */
export const avg = <const Path extends string>(path: Path, options?: OfValues): Aggregate<"avg", Path> =>
  of("avg", path, options);

/** The least value; null of no rows. */
export const min = <const Path extends string>(path: Path, options?: OfRows): Aggregate<"min", Path> =>
  of("min", path, options);

/** The greatest value; null of no rows. */
export const max = <const Path extends string>(path: Path, options?: OfRows): Aggregate<"max", Path> =>
  of("max", path, options);

/** What is asked for, by name, of fields that the model has. */
export type Aggregates<M extends Model> = { readonly [name: string]: Aggregate<AggregateFunction, PathOf<M>> };

type ValueAt<M extends Model, Path> = Path extends keyof M["fields"] ? NonNullable<RowOf<M>[Path]> : unknown;

/** Kinds whose values a function takes. */
type Takes<Name> = Name extends "avg"
  ? "integer" | "float" | "decimal"
  : Name extends "sum"
    ? "integer" | "float" | "decimal" | "duration"
    : FieldKind;

/** Where the path is a field's own name, its kind must be one that the function takes. */
export type Fitting<M extends Model, A> = {
  readonly [N in keyof A]: A[N] extends Aggregate<infer Name, infer Path> ? Fits<M, Name, Path, A[N]> : never;
};
type Fits<M extends Model, Name, Path, Asked> = [Path] extends [never]
  ? Asked
  : Path extends keyof M["fields"]
    ? M["fields"][Path] extends Field<Takes<Name>>
      ? Asked
      : never
    : Asked;

/** What comes back. */
export type AggregatesOf<M extends Model, A> = {
  -readonly [N in keyof A]: A[N] extends Aggregate<"count", string>
    ? number
    : A[N] extends Aggregate<"avg", string>
      ? number | null
      : A[N] extends Aggregate<AggregateFunction, infer Path>
        ? ValueAt<M, Path> | null
        : never;
};

export interface AggregateQuery<M extends Model = Model> {
  readonly where?: Where<PathOf<M>>;
}

export interface GroupQuery<M extends Model, Group extends string, Names extends string> extends AggregateQuery<M> {
  /** One row for each combination of the values at these paths. */
  readonly groupBy: readonly Group[];
  /** Names of what comes back, `-` before a descending one (default: by the groups). */
  readonly order?: readonly (Group | Names | `-${Group}` | `-${Names}`)[];
  readonly limit?: number;
}

/** The values of a group's paths, and what was computed of its rows. */
export type GroupOf<M extends Model, Group extends string, A> = {
  [Path in Group]: Path extends keyof M["fields"] ? RowOf<M>[Path] : unknown;
} & AggregatesOf<M, A>;
