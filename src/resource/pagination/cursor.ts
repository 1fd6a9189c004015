/**
 * Cursors: `?cursor=…`, from one row on to the next ones. Rows that come or go elsewhere do not shift the pages, and no page
 * counts or skips what lies before it.
 *
 * A link carries the whole position of the row at its page's edge: its values in every field of the order, which ends with the
 * primary key. The reference carries the first value and an offset among rows that share it; going back through such rows it
 * skips or repeats some (its `# paging artifact`), and rows that come among them shift the page. Its tokens are understood here.
 *
 * Reference: rest_framework.pagination.CursorPagination; "the seek method" (Winand, Use The Index, Luke).
 */
import type { Dialect } from "../../db/index.ts";
import type { Model } from "../../model/index.ts";
import { pathIn, reversed, withTieBreaker } from "../filters/ordering.ts";
import { type CursorToken, decodeCursor, encodeCursor, end, invalidCursor, start } from "./cursor-token.ts";
import { type PageSizeOptions, pageSizeOf } from "./page-size.ts";
import type { PageRequest, Pagination, Paginator, Plan } from "./pagination.ts";
import { type OrderField, orderField, positionText, rowsAfter, sortedBy } from "./position.ts";

const parameter = "cursor";

const parameters = [
  { name: parameter, kind: "text", description: "Where the page begins, from a link of another page." },
] as const;

export interface CursorOptions extends PageSizeOptions {
  /** Order of lists that ask for none (default: the resource's). */
  readonly order?: readonly string[];
}

/**
 * Pages by cursor.
 *
 * @throws ConfigurationError  sizes that make no sense; at start, an order by fields that are not there
 * @example
 * pagination.cursor({ pageSize: 50, order: ["-created_at"] })
 */
export function cursor(options: CursorOptions = {}): Pagination<"cursor"> {
  const size = pageSizeOf("pagination.cursor", options);
  return Object.freeze({
    kind: "cursor",
    parameters: [...parameters, ...size.parameters],
    order: options.order,
    compile: (model, models, dialect, place, limits = () => false) =>
      compileCursor(dialect, size.read, (path) => orderField(path, model, models, `${place}, cursor`, limits), model),
  } satisfies Pagination);
}

function compileCursor(
  dialect: Dialect,
  sizeOf: (query: PageRequest["query"]) => number,
  findField: (path: string) => OrderField,
  model: Model,
): Paginator {
  const fields = new Map<string, OrderField>();
  const fieldOf = (path: string): OrderField => {
    const field = fields.get(path) ?? findField(path);
    fields.set(path, field);
    return field;
  };
  return {
    readsOrder: true,
    plan(request, asked) {
      const order = withTieBreaker(asked, model);
      return planCursor(request, order, sizeOf(request.query), fieldOf, dialect);
    },
  };
}

function planCursor(
  request: PageRequest,
  forward: readonly string[],
  size: number,
  fieldOf: (path: string) => OrderField,
  dialect: Dialect,
): Plan {
  const text = request.query.get(parameter);
  const token = text === undefined ? start : decodeCursor(text);
  const { isReverse, offset } = token;
  const order = isReverse ? forward.map(reversed) : forward;
  const position = readPosition(token, order.map(pathIn).map(fieldOf));
  const linkTo = (to: CursorToken): string => request.withQuery({ [parameter]: encodeCursor(to) });
  return {
    counting: "none",
    slice: () => ({
      order,
      where: position.length === 0 ? undefined : rowsAfter(sortedBy(order, fieldOf), position, dialect),
      // One row more tells whether another page follows.
      limit: size + 1,
      offset,
    }),
    page(rows, _count, valueAt) {
      const shown = isReverse ? rows.slice(0, size).reverse() : rows.slice(0, size);
      const hasMore = rows.length > size;
      const hasLeft = position.length > 0 || offset > 0;
      const [first, last] = [shown.at(0), shown.at(-1)];
      const linkFrom = (row: (typeof rows)[number] | undefined, back: boolean): string => {
        if (row === undefined) return linkTo(back ? end : start);
        const at = forward.map((entry) => positionText(valueAt(row, pathIn(entry))));
        return linkTo({ isReverse: back, offset: 0, position: at });
      };
      const next = (isReverse ? hasLeft : hasMore) ? linkFrom(last, false) : null;
      const previous = (isReverse ? hasMore : hasLeft) ? linkFrom(first, true) : null;
      return { rows: shown, next, previous, envelope: (results) => ({ next, previous, results }) };
    },
  };
}

/** The values of a token's position. */
function readPosition({ position }: CursorToken, fields: readonly OrderField[]): unknown[] {
  if (position.length > fields.length) throw invalidCursor();
  return position.map((text, i) => {
    const value = text === null ? null : fields[i]?.parse(text);
    if (value === undefined || (value === null && !fields[i]?.isNullable)) throw invalidCursor();
    return value;
  });
}
