/**
 * Tries that are running in this process, by what they count for.
 *
 * A try is counted before it is known whether it fails, so ten right ones at once would look like ten wrong ones. Who would be
 * refused for tries that still run waits for them: once one is right, it is asked again; once none is left, it is refused.
 */
export interface RunningTries {
  begin(ids: readonly string[]): void;
  /** @param isFree  its place is free again: it was right, or did not happen */
  end(ids: readonly string[], isFree: boolean): void;
  /** Waits for what runs under one of these; true where it may be asked again. False at once where nothing runs. */
  next(ids: readonly string[]): Promise<boolean>;
}

export function createRunningTries(): RunningTries {
  const running = new Map<string, { count: number; next: PromiseWithResolvers<boolean> }>();
  return {
    begin(ids) {
      for (const id of ids) {
        const entry = running.get(id) ?? { count: 0, next: Promise.withResolvers<boolean>() };
        entry.count++;
        running.set(id, entry);
      }
    },
    end(ids, isFree) {
      for (const id of ids) {
        const entry = running.get(id);
        if (!entry) continue;
        entry.count--;
        if (entry.count === 0) running.delete(id);
        if (!isFree && entry.count > 0) continue;
        entry.next.resolve(isFree);
        entry.next = Promise.withResolvers<boolean>();
      }
    },
    async next(ids) {
      const waits = ids.flatMap((id) => running.get(id)?.next.promise ?? []);
      return waits.length > 0 && (await Promise.race(waits));
    },
  };
}
