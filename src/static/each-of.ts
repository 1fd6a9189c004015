/**
 * Runs `work` on every item, a few at a time: compressing uses the four threads of the pool. Where it fails nothing more is begun, and
 * what is under way has ended before that is told.
 */
export async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  let hasFailed = false;
  const lane = async () => {
    try {
      for (let next = rest.next(); !next.done && !hasFailed; next = rest.next()) await work(next.value);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  for (const end of await Promise.allSettled([lane(), lane(), lane(), lane()]))
    if (end.status === "rejected") throw end.reason;
}
