/**
 * What `count` says of a list: every row of it, about how many there are, or nothing.
 *
 * Counting reads every row that the filters leave, so on a large table it costs more than the page. Who does not count reads one
 * row more than the page shows, which tells whether another page follows.
 * Reference: none; rest_framework.pagination always counts, or pages by cursor.
 */
import { ConfigurationError } from "../../errors.ts";

/** `estimated` is exact up to 10,000 rows. */
export type Counting = "exact" | "estimated" | "none";

const names: readonly string[] = ["exact", "estimated", "none"] satisfies Counting[];

/** @throws ConfigurationError  it is none of the three */
export function checkCounting(place: string, counting: Counting): void {
  if (!names.includes(counting))
    throw new ConfigurationError(`${place}, count`, `expected ${names.join(", ")}, got "${counting}"`);
}

/**
 * An estimate in the light of the page: there are at least the rows that were seen, and where none follow exactly these.
 * @param found  rows that were read from `offset` on: up to one more than `size`
 */
export function corrected(estimate: number, offset: number, found: number, size: number): number {
  const seen = offset + found;
  if (found > size) return Math.max(estimate, seen);
  return found > 0 || offset === 0 ? seen : Math.min(estimate, offset);
}
