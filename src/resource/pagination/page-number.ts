/**
 * Page numbers: `?page=2`, `?page=last`.
 *
 * Reference: rest_framework.pagination.PageNumberPagination and django.core.paginator: an empty list has one page, and the link
 * to the first page has no number.
 * Differs: a page size of 0 is refused when the app starts, not ignored.
 */
import { NotFound } from "../../errors.ts";
import { parseInteger } from "../filters/number.ts";
import { type Counting, checkCounting, corrected } from "./counting.ts";
import { type PageSizeOptions, pageSizeOf } from "./page-size.ts";
import type { PageRequest, Pagination, Plan } from "./pagination.ts";

const parameter = "page";
const LAST = "last";

const parameters = [
  { name: parameter, kind: "integer", description: "Number of the page, from 1; `last` for the last one." },
] as const;

export interface PageNumberOptions extends PageSizeOptions {
  /** What `count` says: every row (default), about how many there are, or null, where none are counted. */
  readonly count?: Counting;
}

/**
 * Pages by number.
 *
 * @throws ConfigurationError  sizes that make no sense
 * @example
 * pagination.pageNumber({ pageSize: 20, maxPageSize: 200 })
 * @example
 * pagination.pageNumber({ count: "estimated" })
 */
export function pageNumber(options: PageNumberOptions = {}): Pagination<"pageNumber"> {
  const { count = "exact" } = options;
  checkCounting("pagination.pageNumber", count);
  const size = pageSizeOf("pagination.pageNumber", options);
  const plan = (request: PageRequest, order: readonly string[]) =>
    planPage(request, order, size.read(request.query), count);
  return Object.freeze({
    ...{ kind: "pageNumber", counting: count },
    parameters: [...parameters, ...size.parameters],
    compile: () => ({ readsOrder: false, plan }),
  });
}

function planPage(request: PageRequest, order: readonly string[], size: number, counting: Counting): Plan {
  const asked = readNumber(request.query.get(parameter), size);
  const pagesOf = (count: number) => Math.max(1, Math.ceil(count / size));
  const numberIn = (count: number) => (asked === LAST ? pagesOf(count) : asked);
  const linkTo = (number: number) => request.withQuery({ [parameter]: number === 1 ? null : String(number) });
  if (asked === LAST && counting === "none") throw lastUnknown();
  // Which page is the last one only a count tells.
  if (asked !== LAST && counting !== "exact") return planUncounted(asked, order, size, counting, linkTo);
  return {
    counting: "exact",
    slice(count = 0) {
      const number = numberIn(count);
      if (number > pagesOf(count)) throw invalidPage();
      return { order, limit: size, offset: (number - 1) * size };
    },
    page(rows, count = 0) {
      const number = numberIn(count);
      const next = number < pagesOf(count) ? linkTo(number + 1) : null;
      const previous = number > 1 ? linkTo(number - 1) : null;
      return { rows, next, previous, envelope: (results) => ({ count, next, previous, results }) };
    },
  };
}

/** Pages whose rows tell whether there are more. */
function planUncounted(
  number: number,
  order: readonly string[],
  size: number,
  counting: Counting,
  linkTo: (number: number) => string,
): Plan {
  const offset = (number - 1) * size;
  return {
    counting,
    slice: () => ({ order, limit: size + 1, offset }),
    page(found, estimate) {
      if (found.length === 0 && number > 1) throw invalidPage();
      const rows = found.slice(0, size);
      const count = estimate === undefined ? null : corrected(estimate, offset, found.length, size);
      const next = found.length > size ? linkTo(number + 1) : null;
      const previous = number > 1 ? linkTo(number - 1) : null;
      return { rows, next, previous, envelope: (results) => ({ count, next, previous, results }) };
    },
  };
}

const lastUnknown = (): NotFound =>
  new NotFound("The rows are not counted, so no page is known to be the last; expected a number.");

const invalidPage = (): NotFound => new NotFound("Invalid page.");

/** A number whose first row can be counted in a double, or "last". */
function readNumber(text: string | undefined, size: number): number | typeof LAST {
  if (text === undefined) return 1;
  if (text === LAST) return LAST;
  const number = parseInteger(text);
  if (number === undefined || number < 1n || number * BigInt(size) > Number.MAX_SAFE_INTEGER) throw invalidPage();
  return Number(number);
}
