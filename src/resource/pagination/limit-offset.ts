/**
 * Limit and offset: `?limit=20&offset=40`.
 *
 * Reference: rest_framework.pagination.LimitOffsetPagination: what is no number counts as not sent, a negative offset is 0, and
 * links carry the limit that was used.
 * Differs: there always is a greatest limit.
 */
import { parseInteger } from "../filters/number.ts";
import { type Counting, checkCounting, corrected } from "./counting.ts";
import { checkSize, DEFAULT_MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE, readSize } from "./page-size.ts";
import type { PageRequest, Pagination, Plan } from "./pagination.ts";

export interface LimitOffsetOptions {
  /** Rows a page where the client asks for none (default 10). */
  readonly defaultLimit?: number;
  /** The most a client gets (default 100, or the default limit where that is more). */
  readonly maxLimit?: number;
  /** What `count` says: every row (default), about how many there are, or null, where none are counted. */
  readonly count?: Counting;
}

/**
 * Pages by the number of rows to skip and to show.
 *
 * @throws ConfigurationError  limits that make no sense
 * @example
 * pagination.limitOffset({ defaultLimit: 20, maxLimit: 200 })
 */
export function limitOffset(options: LimitOffsetOptions = {}): Pagination<"limitOffset"> {
  const { defaultLimit = DEFAULT_PAGE_SIZE, count = "exact" } = options;
  checkCounting("pagination.limitOffset", count);
  const maxLimit = options.maxLimit ?? Math.max(DEFAULT_MAX_PAGE_SIZE, defaultLimit);
  checkSize("pagination.limitOffset, defaultLimit", defaultLimit, maxLimit);
  const plan = (request: PageRequest, order: readonly string[]) =>
    planSlice(request, order, readSize(request.query.get("limit"), defaultLimit, maxLimit), count);
  return Object.freeze({
    ...{ kind: "limitOffset", counting: count },
    parameters: [
      {
        name: "limit",
        kind: "integer",
        description: `Rows to show, at most ${maxLimit} (${defaultLimit} by default).`,
      },
      { name: "offset", kind: "integer", description: "Rows to skip." },
    ],
    compile: () => ({ readsOrder: false, plan }),
  } satisfies Pagination);
}

function planSlice(request: PageRequest, order: readonly string[], limit: number, counting: Counting): Plan {
  const offset = readOffset(request.query.get("offset"));
  const skipped = Number(offset > MAX_OFFSET ? MAX_OFFSET : offset);
  const step = BigInt(limit);
  const linkTo = (start: bigint) =>
    request.withQuery({ limit: String(limit), offset: start <= 0n ? null : String(start) });
  return {
    counting,
    // Where the count does not tell whether rows follow, one row more does.
    slice: () => ({ order, limit: counting === "exact" ? limit : limit + 1, offset: skipped }),
    page(found, counted) {
      const hasMore = counting === "exact" ? offset + step < BigInt(counted ?? 0) : found.length > limit;
      const rows = found.slice(0, limit);
      const count =
        counting === "estimated" ? corrected(counted ?? 0, skipped, found.length, limit) : (counted ?? null);
      const next = hasMore ? linkTo(offset + step) : null;
      const previous = offset > 0n ? linkTo(offset - step) : null;
      return { rows, next, previous, envelope: (results) => ({ count, next, previous, results }) };
    },
  };
}

/** No table has more rows; what is asked for beyond is only ever echoed in links. */
const MAX_OFFSET = BigInt(Number.MAX_SAFE_INTEGER);

function readOffset(text: string | undefined): bigint {
  const offset = text === undefined ? undefined : parseInteger(text);
  return offset === undefined || offset < 0n ? 0n : offset;
}
