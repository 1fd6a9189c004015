/** Lists in pages: by number, by limit and offset, by cursor, or not at all. */

// Declaring
export type { Counting } from "./counting.ts";
export { type CursorOptions, cursor } from "./cursor.ts";
export { type LimitOffsetOptions, limitOffset } from "./limit-offset.ts";
export { none } from "./none.ts";
export { type PageNumberOptions, pageNumber } from "./page-number.ts";
export type { PageSizeOptions } from "./page-size.ts";

// The contract
export type { Page, PageParameter, PageRequest, Pagination, Paginator, Plan, Slice } from "./pagination.ts";
