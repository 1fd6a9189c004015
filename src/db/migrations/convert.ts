/**
 * Values of a column that gets another type: which may become which, and how, with one result on both databases.
 *
 * What would lose something, or mean something else, is refused when the migration is made. A row that does not fit the new type ends the
 * migration; on SQLite, which would take it, the rows are looked at afterwards.
 * Differs: Django casts on PostgreSQL, which cuts texts and rounds numbers, and copies on SQLite whatever there is.
 */
import type { Field, FieldKind } from "../../model/index.ts";
import { columnType, hasNumbers, isKind, quote, type Resolve } from "../columns.ts";
import type { Dialect } from "../database.ts";
import { formatField } from "./condition-sql.ts";

/** Values that must not be there: a query that counts their rows, and the column that they are in. */
export interface Guard {
  readonly count: string;
  readonly place: string;
}

/** The fields on both sides of a change; of relations, those of their keys. */
export interface TypeChange {
  readonly from: Field;
  readonly to: Field;
  /** The new type, as PostgreSQL calls it. */
  readonly type: string;
}

/** The new value as SQL, of a column in quotes. */
type Convert = (column: string, fields: TypeChange) => string;
type Conversion = Readonly<Record<Dialect, Convert>>;

const copied: Convert = (column) => column;
const cast: Convert = (column, { type }) => `${column}::${type}`;
const text: Convert = (column) => `${column}::text`;
const placesOf = (field: Field): number => (isKind(field, "decimal") ? field.options.decimalPlaces : 0);
/** As numeric(…, 2) rounds; whole numbers stay what they are, however long. */
const rounded: Convert = (column, { to }) =>
  `CASE typeof(${column}) WHEN 'real' THEN round(${column}, ${placesOf(to)}) ELSE ${column} END`;
/** Without a fraction; a number that has one is refused by the type. */
const whole: Conversion = {
  sqlite: (column) =>
    `CASE ${column} WHEN CAST(${column} AS INTEGER) THEN CAST(${column} AS INTEGER) ELSE ${column} END`,
  postgres: (column, { type }) => `trim_scale(${column}::numeric)::text::${type}`,
};
const hyphenated: Convert = (column) =>
  ["1, 8", "9, 4", "13, 4", "17, 4", "21, 12"].map((part) => `substr(${column}, ${part})`).join(" || '-' || ");
const onPostgres = (postgres: Convert): Conversion => ({ sqlite: copied, postgres });
const both = (convert: Convert): Conversion => ({ sqlite: convert, postgres: convert });

/** By the form before and the one after. */
const conversions: Readonly<Record<string, Conversion>> = {
  "boolean integer": onPostgres((column) => `${column}::integer`),
  "integer boolean": both((column) => `${column} <> 0`),
  "integer float": both(copied),
  "integer decimal": both(copied),
  "integer text": { sqlite: (column) => `CAST(${column} AS TEXT)`, postgres: text },
  "float integer": whole,
  "float decimal": { sqlite: rounded, postgres: copied },
  "float text": { sqlite: (column, fields) => `CAST(${whole.sqlite(column, fields)} AS TEXT)`, postgres: text },
  "decimal decimal": { sqlite: rounded, postgres: copied },
  "decimal integer": whole,
  "decimal float": both(copied),
  "decimal text": {
    sqlite: (column, { from }) => `CASE WHEN ${column} IS NOT NULL THEN printf('%.${placesOf(from)}f', ${column}) END`,
    postgres: text,
  },
  "text integer": onPostgres(cast),
  "text float": onPostgres(cast),
  "text decimal": onPostgres(cast),
  "text uuid": { sqlite: (column) => `lower(replace(${column}, '-', ''))`, postgres: cast },
  "text ip": onPostgres(cast),
  "text date": onPostgres(cast),
  "text json": onPostgres(cast),
  "uuid text": { sqlite: hyphenated, postgres: text },
  "ip text": onPostgres((column) => `host(${column})`),
  "date text": onPostgres(text),
  "json text": onPostgres(text),
  "date datetime": {
    sqlite: (column) => `${column} || ' 00:00:00'`,
    postgres: (column) => `${column}::timestamp AT TIME ZONE 'UTC'`,
  },
  "datetime date": {
    sqlite: (column) => `substr(${column}, 1, 10)`,
    postgres: (column) => `(${column} AT TIME ZONE 'UTC')::date`,
  },
};

const texts: ReadonlySet<FieldKind> = new Set<FieldKind>(["text", "email", "url", "slug", "file"]);

/** The kind of a field's values as a column knows them. */
function formOf(field: Field): string {
  if (isKind(field, "choice")) return hasNumbers(field.options) ? "integer" : "text";
  return texts.has(field.kind) ? "text" : field.kind;
}

function conversionOf(from: Field, to: Field): Conversion | undefined {
  const [before, after] = [formOf(from), formOf(to)];
  return conversions[`${before} ${after}`] ?? (before === after ? both(copied) : undefined);
}

type Side = readonly [Field, Resolve];

/** The change of a column's type; undefined where it has the same. */
export function typeChange([old, formerly]: Side, [field, resolve]: Side): TypeChange | undefined {
  const type = columnType(field, "postgres", resolve);
  if (type === undefined || columnType(old, "postgres", formerly) === type) return undefined;
  return { from: formatField(old, formerly), to: formatField(field, resolve), type };
}

/** Tells whether what the column holds can become what it is to hold. */
export const isConvertible = ({ from, to }: TypeChange): boolean => conversionOf(from, to) !== undefined;

/** The value of a column as one of the new type; where nothing can become that, a guard sees to it that there is nothing. */
export const converted = (dialect: Dialect, column: string, change: TypeChange): string =>
  conversionOf(change.from, change.to)?.[dialect](quote(column), change) ??
  (dialect === "sqlite" ? quote(column) : cast(text(quote(column), change), change));

/**
 * What must not be in a column: before its type changes, what nothing can become, and afterwards, on SQLite, which takes what the type of a
 * column does not say, any value that is none of the new type.
 */
export function guardOf(table: string, column: string, change: TypeChange, when: "before" | "after"): readonly Guard[] {
  const misfit = when === "after" ? misfits[formOf(change.to)]?.(quote(column), change.to) : "1 = 1";
  if (misfit === undefined || (when === "before" && isConvertible(change))) return [];
  const own = quote(column);
  return [
    {
      count: `SELECT count(*) FROM ${quote(table)} WHERE ${own} IS NOT NULL AND (${misfit})`,
      place: `table "${table}", column "${column}"`,
    },
  ];
}

/** When a value in SQLite is none of a field; undefined where every one is, or a constraint says so. */
const misfits: Readonly<Record<string, (column: string, to: Field) => string | undefined>> = {
  integer: (column, { options }) => {
    const isSmall = !("big" in options && options.big);
    return `typeof(${column}) <> 'integer'${isSmall ? ` OR ${column} NOT BETWEEN -2147483648 AND 2147483647` : ""}`;
  },
  float: (column) => `typeof(${column}) NOT IN ('integer', 'real')`,
  decimal: (column, to) =>
    isKind(to, "decimal")
      ? `typeof(${column}) NOT IN ('integer', 'real') OR abs(${column}) >= 1e${to.options.maxDigits - to.options.decimalPlaces}`
      : undefined,
  text: (column, { options }) =>
    "maxLength" in options && options.maxLength !== undefined ? `length(${column}) > ${options.maxLength}` : undefined,
  uuid: (column) => `length(${column}) <> 32 OR ${column} GLOB '*[^0-9a-f]*'`,
  ip: (column) => `${column} GLOB '*[^0-9a-fA-F:.]*' OR ${column} NOT GLOB '*[:.]*'`,
  date: (column) => `date(${column}) IS NOT ${column}`,
};
