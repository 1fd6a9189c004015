/** Lists cut into pieces that one statement takes: databases bound the number of parameters. */
const BATCH = 500;

/** The items in their order, at most 500 at a time; nothing of an empty list. */
export function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += BATCH) yield items.slice(i, i + BATCH);
}
