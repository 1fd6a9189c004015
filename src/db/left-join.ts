/**
 * A LEFT JOIN of two maps, in memory.
 *
 * The store uses it to attach rows that a second query fetched (the tags of twenty books) to the rows of the first.
 */

/**
 * Every entry of `left`, in its order, with the value of `right` at the same key, or null where there is none.
 *
 * Keys of `right` alone are left out; neither map is changed. What decides is whether `right` has the key: a value of
 * `undefined`, 0 or "" that is there is given as it is.
 *
 * @example
 * leftJoin(new Map([["happy", "glad"], ["odd", "strange"]]), new Map([["happy", "sad"]]));
 * // [["happy", "glad", "sad"], ["odd", "strange", null]]
 */
export function leftJoin<K, A, B>(left: ReadonlyMap<K, A>, right: ReadonlyMap<K, B>): [key: K, a: A, b: B | null][] {
  const rows: [key: K, a: A, b: B | null][] = [];
  for (const [key, a] of left) rows.push([key, a, right.has(key) ? (right.get(key) as B) : null]);
  return rows;
}
