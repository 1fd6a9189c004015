/**
 * Pagination: a list in pages. The contract of the family.
 *
 * A resource declares one (`pagination.pageNumber()`); it is compiled once; each request gets a plan: what to fetch, whether the
 * rows must be counted first, and how the answer looks. The steps of the caller (`rows.ts`), after the filters were read (a wrong
 * filter is reported before a wrong page):
 *
 *     const plan = paginator.plan(request, ordering.read(request.query));
 *     const count = plan.counting === "none" ? undefined : await store.count(executor, where);   // or an estimate
 *     const { where, order, limit, offset } = plan.slice(count);   // NotFound where there is no such page
 *     const rows = await list(executor, …);
 *     const page = plan.page(rows, count, valueAt);
 *     return page.envelope(page.rows.map(represent));
 *
 * Reference: rest_framework.pagination.BasePagination.
 */
import type { Dialect, Models, Where } from "../../db/index.ts";
import type { Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import type { Counting } from "./counting.ts";

/** What pages read of a request: its parameters, and its URL with other ones. */
export interface PageRequest {
  readonly query: QueryParameters;
  withQuery(changes: Readonly<Record<string, string | null>>): string;
}

export type PaginationKind = "pageNumber" | "limitOffset" | "cursor" | "none";

/** A declared pagination; frozen. */
export interface Pagination<Kind extends PaginationKind = PaginationKind> {
  readonly kind: Kind;
  /** What `count` says, where it says something, for documents. */
  readonly counting?: Counting;
  /** Its query parameters, for documents. */
  readonly parameters: readonly PageParameter[];
  /** Order of lists that ask for none; takes the place of the resource's default order. */
  readonly order?: readonly string[];
  /**
   * @param limits  whether rows of a model may be out of sight: what lies behind them is null then
   * @throws ConfigurationError  something does not fit the model
   */
  compile(model: Model, models: Models, dialect: Dialect, place: string, limits?: (model: Model) => boolean): Paginator;
}

export interface PageParameter {
  readonly name: string;
  readonly kind: "integer" | "text";
  readonly description: string;
}

export interface Paginator {
  /** Whether `Plan.page` asks for values of rows: at any of the ordering's paths. The caller selects these, too. */
  readonly readsOrder: boolean;
  /**
   * @param order  paths, `-` before a descending one, in which no two rows are equal
   * @throws NotFound  the parameters name no page that could exist
   */
  plan(request: PageRequest, order: readonly string[]): Plan;
}

/** What to fetch, beside the conditions of filters and search. */
export interface Slice {
  readonly order: readonly string[];
  readonly where?: Where;
  readonly limit?: number;
  readonly offset?: number;
}

export interface Plan {
  /** How the rows must be counted before. */
  readonly counting: Counting;
  /**
   * @param count  of the rows that filters and search leave; undefined where they are not counted
   * @throws NotFound  there are fewer pages
   */
  slice(count: number | undefined): Slice;
  /**
   * @throws NotFound  there are fewer pages, as only the rows tell
   * @param rows     what the slice fetched, in its order
   * @param valueAt  the value of a row at a path of the order, in the field's own format, or null
   */
  page<Row>(rows: readonly Row[], count: number | undefined, valueAt: (row: Row, path: string) => unknown): Page<Row>;
}

export interface Page<Row> {
  /** The rows that the page shows, in the order it shows them. */
  readonly rows: readonly Row[];
  /** The URLs of the neighbours, null where there is none. */
  readonly next: string | null;
  readonly previous: string | null;
  /** The body of the answer. */
  envelope(results: readonly unknown[]): unknown;
}
