/** Runs `work` on every item, a few at a time: compressing uses the four threads of the pool. */
export async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}
