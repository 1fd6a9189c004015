/**
 * Models as Kysely sees them: tables under names of one's own, whose columns are named as the fields and hold their values.
 *
 * The types are read off the declarations; the same at run time is a `Source`, which `translate.ts` looks names up in.
 */
import type { ColumnType } from "kysely";
import type { Field, FieldKind, Model, RowOf } from "../../model/index.ts";
import { columnOf } from "../../model/index.ts";
import type { Dialect } from "../database.ts";
import { type Format, formatOf } from "../formats.ts";
import type { Models } from "../models.ts";
import { isQuery, type QuerySource } from "../query.ts";
import { manyStep, storedField } from "../selection.ts";

/** The table between two models, that a many-to-many field keeps its links in: `source` is the key of its row, `target` that of the other. */
export interface Links<M extends Model = Model, Name extends string = string> {
  readonly linksOf: M;
  readonly field: Name;
}

/**
 * The links of a many-to-many field, to be joined.
 * @example
 * db({ book: Book, tag: Tag, book_tag: links(Book, "tags") })
 *   .selectFrom("book")
 *   .innerJoin("book_tag", "book_tag.source", "book.id")
 *   .innerJoin("tag", "tag.id", "book_tag.target")
 *   .select(["book.title", "tag.name"]);
 */
export const links = <M extends Model, const Name extends ManyNames<M>>(linksOf: M, field: Name): Links<M, Name> =>
  Object.freeze({ linksOf, field });

type ManyNames<M extends Model> = {
  [Name in keyof M["fields"] & string]: M["fields"][Name] extends Field<"manyToMany"> ? Name : never;
}[keyof M["fields"] & string];

/** What queries are about: models, and links between them, by the names that they have in the queries. */
export type TableMap = { readonly [name: string]: Model | Links };

/** The same in Kysely's words. */
export type TablesOf<T extends TableMap> = {
  [Name in keyof T & string]: T[Name] extends Links<infer M, infer Many>
    ? { source: KeyOfModel<M>; target: ItemOf<RowOf<M>[Many]> }
    : T[Name] extends Model
      ? ColumnsOf<T[Name]>
      : never;
};

type ItemOf<List> = List extends readonly (infer Item)[] ? Item : never;

type KeyOfModel<M extends Model> = {
  [Name in keyof M["fields"]]: M["fields"][Name] extends { readonly options: { readonly primaryKey: true } }
    ? RowOf<M>[Name]
    : never;
}[keyof M["fields"]];

/** Links are not columns of the row. */
type ColumnsOf<M extends Model> = {
  [Name in keyof M["fields"] as M["fields"][Name] extends Field<"manyToMany"> ? never : Name]: ColumnFor<
    M["fields"][Name],
    RowOf<M>[Name]
  >;
};

/** What may be null need not be inserted, and neither need a key that the database gives. */
type ColumnFor<F, Value> = F extends Field<"integer"> & { readonly options: { readonly primaryKey: true } }
  ? ColumnType<Value, Value | undefined, Value>
  : null extends Value
    ? ColumnType<Value, Value | undefined, Value>
    : Value;

/** A column, or what a subquery has in its place. */
export interface Column {
  /** Its name in SQL. */
  readonly column: string;
  /** How its values are read and written; undefined where they are as the driver has them. */
  readonly format?: Format;
  readonly kind?: FieldKind;
  /** Of a decimal: digits after the point. */
  readonly places?: number;
}

/** What names may mean in a query: columns by the name that the query uses. */
export type Columns = ReadonlyMap<string, Column>;

/** A table of a query. */
export interface Source {
  readonly columns: Columns;
  /** Its name in the database. */
  readonly table: string;
  /** Of a model over a query. */
  readonly from?: QuerySource;
}

/** The tables of a map, by name. */
export function sourcesOf(tables: TableMap, models: Models, dialect: Dialect): ReadonlyMap<string, Source> {
  return new Map(Object.entries(tables).map(([name, of]) => [name, sourceOf(of, models, dialect)]));
}

function sourceOf(of: Model | Links, models: Models, dialect: Dialect): Source {
  const columnFor = (model: Model, name: string, column: string): Column => {
    const stored = storedField(models, model, name);
    const { kind, options } = stored;
    const places = "decimalPlaces" in options ? options.decimalPlaces : undefined;
    return { column, kind, places, format: formatIn(stored, dialect) };
  };
  if ("linksOf" in of) {
    const { linksOf: model, field } = of;
    const { through, from, to } = manyStep(models, model, field);
    const source = columnFor(model, model.primaryKey, from);
    return { table: through, columns: new Map(Object.entries({ source, target: columnFor(model, field, to) })) };
  }
  const columns = Object.entries(of.fields).flatMap(([name, field]) =>
    field.kind === "manyToMany"
      ? []
      : [[name, columnFor(of, name, isQuery(of) ? name : columnOf(name, field))] as const],
  );
  return { table: of.table, columns: new Map(columns), from: isQuery(of) ? of.from : undefined };
}

/**
 * The format of a field's values in a query. On SQLite a decimal is a number there: a text would be compared with what is computed, which
 * has no column to be converted for, as a text.
 */
export function formatIn(field: Field, dialect: Dialect): Format {
  const format = formatOf(field, dialect);
  if (dialect !== "sqlite" || field.kind !== "decimal") return format;
  return { ...format, toColumn: (value) => Number(format.toColumn(value)) };
}
