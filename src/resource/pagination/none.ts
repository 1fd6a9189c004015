/**
 * No pages: the whole list at once. For lists that are known to stay short.
 * Reference: `pagination_class = None`: the body is the bare list.
 */
import type { Pagination, Plan } from "./pagination.ts";

const compiled = {
  readsOrder: false,
  plan: (_request: unknown, order: readonly string[]): Plan => ({
    counting: "none",
    slice: () => ({ order }),
    page: (rows) => ({ rows, next: null, previous: null, envelope: (results) => results }),
  }),
};

/**
 * Answers a list with all its rows.
 *
 * @example
 * resource(Country, { pagination: pagination.none() });
 */
export const none = (): Pagination<"none"> => Object.freeze({ kind: "none", parameters: [], compile: () => compiled });
