/**
 * Conditions compiled to SQL, with a slot for each value.
 *
 * Reference: django.db.models.lookups and the operators of both backends: LIKE folds ASCII case on SQLite, `contains` there
 * too; on PostgreSQL `icontains` compares upper case of everything.
 */
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { columnOf, type Model } from "../model/index.ts";
import type { Bind, Bindings } from "./bindings.ts";
import type { Dialect, SqlValue } from "./database.ts";
import type { Format } from "./formats.ts";
import { columnSql, everyRow, manyTarget, type ResolvedPath, type Selection, type Sources } from "./selection.ts";
import { type Comparison, type Condition, parseLookup, slotsFor, type Transform, type Where } from "./where.ts";

const escapeLike = (value: unknown): string => String(value).replace(/[\\%_]/g, "\\$&");

const like = {
  contains: (value: unknown) => `%${escapeLike(value)}%`,
  icontains: (value: unknown) => `%${escapeLike(value)}%`,
  startswith: (value: unknown) => `${escapeLike(value)}%`,
  istartswith: (value: unknown) => `${escapeLike(value)}%`,
  endswith: (value: unknown) => `%${escapeLike(value)}`,
  iendswith: (value: unknown) => `%${escapeLike(value)}`,
  iexact: escapeLike,
};

const operators = { exact: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** Where the SQL of the two databases differs. */
const dialects = {
  sqlite: {
    like: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) =>
      sql<SqlBool>`${column} like ${pattern} escape '\\'`,
    foldLike: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) =>
      sql<SqlBool>`${column} like ${pattern} escape '\\'`,
    regex: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) => sql<SqlBool>`${column} regexp ${pattern}`,
    foldRegex: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) =>
      sql<SqlBool>`${column} regexp '(?i)' || ${pattern}`,
    transform: {
      date: (column: RawBuilder<unknown>) => sql`substr(${column}, 1, 10)`,
      year: (column: RawBuilder<unknown>) => sql`cast(strftime('%Y', ${column}) as integer)`,
      month: (column: RawBuilder<unknown>) => sql`cast(strftime('%m', ${column}) as integer)`,
      day: (column: RawBuilder<unknown>) => sql`cast(strftime('%d', ${column}) as integer)`,
      hour: (column: RawBuilder<unknown>) => sql`cast(strftime('%H', ${column}) as integer)`,
      minute: (column: RawBuilder<unknown>) => sql`cast(strftime('%M', ${column}) as integer)`,
      second: (column: RawBuilder<unknown>) => sql`cast(strftime('%S', ${column}) as integer)`,
    } satisfies Record<Transform, unknown>,
  },
  postgres: {
    like: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) => sql<SqlBool>`${column}::text like ${pattern}`,
    foldLike: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) =>
      sql<SqlBool>`upper(${column}::text) like upper(${pattern})`,
    regex: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) => sql<SqlBool>`${column}::text ~ ${pattern}`,
    foldRegex: (column: RawBuilder<unknown>, pattern: RawBuilder<unknown>) =>
      sql<SqlBool>`${column}::text ~* ${pattern}`,
    transform: {
      date: (column: RawBuilder<unknown>) => sql`(${column} at time zone 'UTC')::date`,
      year: (column: RawBuilder<unknown>) => sql`extract(year from ${column})`,
      month: (column: RawBuilder<unknown>) => sql`extract(month from ${column})`,
      day: (column: RawBuilder<unknown>) => sql`extract(day from ${column})`,
      hour: (column: RawBuilder<unknown>) => sql`extract(hour from ${column})`,
      minute: (column: RawBuilder<unknown>) => sql`extract(minute from ${column})`,
      second: (column: RawBuilder<unknown>) => sql`extract(second from ${column})`,
    } satisfies Record<Transform, unknown>,
  },
} satisfies Record<Dialect, unknown>;

/**
 * The SQL of a condition tree over a selection (joins are added to it).
 * @param bindings  get the slots of its values
 * @param first     the place of its first condition among those of the statement
 */
export function compileWhere(
  where: Where,
  selection: Selection,
  bindings: Bindings,
  { sources = everyRow(selection.dialect), first = 0 }: { sources?: Sources; first?: number } = {},
): Expression<SqlBool> {
  const { dialect } = selection;
  let place = first - 1;
  const slots = (count: number, read: Bind): RawBuilder<unknown>[] => bindings.slots(place, count, read);

  const compile = (node: Where): RawBuilder<SqlBool> => {
    if ("and" in node)
      return node.and.length ? sql`(${sql.join(node.and.map(compile), sql` and `)})` : sql<SqlBool>`1 = 1`;
    if ("or" in node) return node.or.length ? sql`(${sql.join(node.or.map(compile), sql` or `)})` : sql<SqlBool>`1 = 0`;
    if ("not" in node) return sql`not ${compile(node.not)}`;
    place++;
    const resolved = selection.resolve(node.path);
    return resolved.many ? existsIn(resolved, node) : compare(resolved, columnSql(resolved, sources, bindings), node);
  };

  const compare = (
    { format, field }: ResolvedPath,
    ref: RawBuilder<unknown>,
    { lookup, value }: Condition,
  ): RawBuilder<SqlBool> => {
    const { transform, comparison } = parseLookup(lookup);
    if (value === null && comparison === "exact") return comparing("isnull", ref, true, format.toColumn);
    const isDay = transform === "date";
    const column = !transform
      ? ref
      : isDay && field.kind === "date"
        ? ref
        : dialects[dialect].transform[transform](ref);
    const toColumn: Format["toColumn"] = transform ? (inner) => inner as SqlValue : format.toColumn;
    return comparing(comparison, column, value, toColumn);
  };

  const comparing = (
    comparison: Comparison,
    column: RawBuilder<unknown>,
    value: unknown,
    toColumn: Format["toColumn"],
  ): RawBuilder<SqlBool> => {
    const { like: matches, foldLike, regex, foldRegex } = dialects[dialect];
    const one = (read: (value: unknown) => SqlValue): RawBuilder<unknown> =>
      slots(1, (inner) => [read(inner)])[0] ?? sql``;
    switch (comparison) {
      case "isnull":
        return value ? sql`${column} is null` : sql`${column} is not null`;
      case "in": {
        const list = Array.isArray(value) ? value : [value];
        const marks = slots(slotsFor(list), (inner) => filled((inner as unknown[]).map(toColumn)));
        return list.length ? sql`${column} in (${sql.join(marks)})` : sql<SqlBool>`1 = 0`;
      }
      case "range": {
        const [from, to] = slots(2, (inner) => (inner as unknown[]).map(toColumn));
        return sql`${column} between ${from} and ${to}`;
      }
      case "regex":
        return regex(column, one(String));
      case "iregex":
        return foldRegex(column, one(String));
      case "contains":
      case "startswith":
      case "endswith":
        return matches(column, one(like[comparison]));
      case "icontains":
      case "istartswith":
      case "iendswith":
      case "iexact":
        return foldLike(column, one(like[comparison]));
      default:
        return sql`${column} ${sql.raw(operators[comparison])} ${one(toColumn)}`;
    }
  };

  // Through a many-to-many field a row matches if one related row does; EXISTS keeps it from being counted twice.
  const existsIn = (resolved: ResolvedPath, condition: Condition): RawBuilder<SqlBool> => {
    const { many, column } = resolved;
    if (!many) throw new TypeError("expected a path through a many-to-many field");
    const { through, from, to, target, owner, isThroughTarget } = many;
    const isJoined = isThroughTarget || sources.isPartial(target);
    const join = isJoined
      ? sql`join ${sources.target(target, manyTarget, bindings)} on ${sql.ref(`${manyTarget}.${keyColumn(target)}`)} = ${sql.ref(`${through}.${to}`)}`
      : sql``;
    const linked = sql`from ${sql.table(through)} ${join} where ${sql.ref(`${through}.${from}`)} = ${sql.ref(owner)}`;
    if (!isThroughTarget && condition.lookup === "isnull") {
      return condition.value ? sql`not exists (select 1 ${linked})` : sql`exists (select 1 ${linked})`;
    }
    return sql`exists (select 1 ${linked} and ${compare(resolved, sql.ref(column), condition)})`;
  };

  return compile(where);
}

/** As many values as there are slots: the last one is repeated, which changes nothing in an IN list. */
const filled = (values: readonly SqlValue[]): SqlValue[] =>
  Array.from({ length: slotsFor(values) }, (_, i) => values[Math.min(i, values.length - 1)] ?? null);

function keyColumn({ primaryKey, fields }: Model): string {
  const field = fields[primaryKey];
  return field ? columnOf(primaryKey, field) : primaryKey;
}
