/**
 * How many rows a page has: the declared number, or what the client asks for within bounds.
 * Reference: `get_page_size` and `get_limit` of rest_framework.pagination: what is no positive number counts as not asked.
 * Differs: there always is an upper bound; sizes that make no sense are refused when the app starts.
 */
import { ConfigurationError } from "../../errors.ts";
import { parseInteger } from "../filters/number.ts";
import type { QueryParameters } from "../query-parameters.ts";
import type { PageParameter } from "./pagination.ts";

export const DEFAULT_PAGE_SIZE = 10;
export const DEFAULT_MAX_PAGE_SIZE = 100;

export interface PageSizeOptions {
  /** Rows a page (default 10). */
  readonly pageSize?: number;
  /** Parameter by which clients ask for another size (default `page_size`); false where they may not. */
  readonly pageSizeParameter?: string | false;
  /** The most they get (default 100, or the page size where that is more). */
  readonly maxPageSize?: number;
}

export interface PageSize {
  readonly parameters: readonly PageParameter[];
  read(query: QueryParameters): number;
}

/** @throws ConfigurationError  a size is no positive whole number, or the page size is above the greatest */
export function pageSizeOf(place: string, options: PageSizeOptions): PageSize {
  const { pageSize = DEFAULT_PAGE_SIZE, pageSizeParameter = "page_size" } = options;
  const maxPageSize = options.maxPageSize ?? Math.max(DEFAULT_MAX_PAGE_SIZE, pageSize);
  checkSize(`${place}, pageSize`, pageSize, maxPageSize);
  if (pageSizeParameter === false) return { parameters: [], read: () => pageSize };
  const description = `Rows a page, at most ${maxPageSize} (${pageSize} by default).`;
  return {
    parameters: [{ name: pageSizeParameter, kind: "integer", description }],
    read: (query) => readSize(query.get(pageSizeParameter), pageSize, maxPageSize),
  };
}

/** @throws ConfigurationError */
export function checkSize(place: string, size: number, greatest: number): void {
  if (Number.isSafeInteger(size) && Number.isSafeInteger(greatest) && size >= 1 && size <= greatest) return;
  throw new ConfigurationError(place, `expected a whole number from 1 to ${greatest}, got ${size}`);
}

/** The size that is asked for, the standard one where none is. */
export function readSize(text: string | undefined, standard: number, greatest: number): number {
  const asked = text === undefined ? undefined : parseInteger(text);
  if (asked === undefined || asked < 1n) return standard;
  return asked > BigInt(greatest) ? greatest : Number(asked);
}
