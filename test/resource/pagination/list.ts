/** A list in memory that answers slices as a database does: conditions, order with nulls where each database sorts them. */
import type { Condition, Dialect, Models, Where } from "../../../src/db/index.ts";
import type { Model } from "../../../src/model/index.ts";
import type { Page, PageRequest, Pagination } from "../../../src/resource/pagination/index.ts";
import { QueryParameters } from "../../../src/resource/query-parameters.ts";

export type Row = Readonly<Record<string, string | number | null>>;

/** A request for `/books/?<search>`. */
export function get(search: string): PageRequest {
  const query = new QueryParameters(search);
  return { query, withQuery: (changes) => `/books/${query.with(changes)}` };
}

/** What stands after `?` in a link. */
export const searchOf = (link: string | null): string => (link ?? "").split("?")[1] ?? "";

/** Fetches a page of a list, through every step of the contract. */
export function fetch(
  pagination: Pagination,
  search: string,
  rows: readonly Row[],
  {
    model,
    models,
    dialect = "sqlite",
    order = ["id"],
  }: { model: Model; models: Models; dialect?: Dialect; order?: readonly string[] },
): Page<Row> {
  const plan = pagination.compile(model, models, dialect, "resource").plan(get(search), order);
  const count = plan.counting === "none" ? undefined : rows.length;
  const { where, order: asked, offset = 0, limit = rows.length } = plan.slice(count);
  const found = rows.filter((row) => !where || meets(row, where)).sort(byOrder(asked, dialect));
  return plan.page(found.slice(offset, offset + limit), count, (row, path) => row[path]);
}

function meets(row: Row, where: Where): boolean {
  if ("and" in where) return where.and.every((inner) => meets(row, inner));
  if ("or" in where) return where.or.some((inner) => meets(row, inner));
  if ("not" in where) return !meets(row, where.not);
  return compare(row[where.path] ?? null, where);
}

function compare(own: string | number | null, { lookup, value }: Condition): boolean {
  if (lookup === "isnull") return (own === null) === value;
  if (own === null || (typeof value !== "string" && typeof value !== "number")) return false;
  switch (lookup) {
    case "exact":
      return own === value;
    case "gt":
      return own > value;
    case "gte":
      return own >= value;
    case "lt":
      return own < value;
    case "lte":
      return own <= value;
    default:
      throw new TypeError(`${lookup} is not asked by pages`);
  }
}

function byOrder(order: readonly string[], dialect: Dialect): (a: Row, b: Row) => number {
  const nullSide = dialect === "sqlite" ? -1 : 1;
  return (a, b) => {
    for (const entry of order) {
      const path = entry.replace(/^-/, "");
      const [x, y] = [a[path] ?? null, b[path] ?? null];
      if (x === y) continue;
      const ascending = x === null ? nullSide : y === null ? -nullSide : x < y ? -1 : 1;
      return entry.startsWith("-") ? -ascending : ascending;
    }
    return 0;
  };
}
