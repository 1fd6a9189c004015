/**
 * The numbers of all workers together, as the primary gathers them when somebody asks.
 *
 * Each worker is asked for what it has counted; one that does not answer in time, because it is blocked or ends, stands with what
 * it said last. What workers that are gone had counted stays.
 */
import type { Measurement } from "../config/index.ts";
import { addSnapshots, expose, keepCounters } from "./exposition.ts";
import { type Member, tellMember } from "./member.ts";
import type { WorkerMessage } from "./messages.ts";
import type { Snapshot } from "./metrics.ts";

export interface Collector {
  onMessage(member: Member, message: WorkerMessage): void;
  onEnd(member: Member): void;
  /** The text of a scrape. */
  scrape(): Promise<string>;
}

/** What a worker has for its answer, milliseconds. */
const answerTime = 1_000;

/** @param ownMeasurements  what the primary itself has to say */
export function createCollector(
  members: () => ReadonlySet<Member>,
  ownMeasurements: () => readonly Measurement[],
): Collector {
  const latest = new Map<Member, Snapshot>();
  /** Whose answer is awaited. */
  const awaited = new Set<Member>();
  let gone: Snapshot = { series: [], measurements: [] };
  let answered: (() => void) | undefined;
  let scraping: Promise<string> | undefined;

  const settle = (member: Member): void => {
    awaited.delete(member);
    if (awaited.size === 0) answered?.();
  };
  const scrape = async (): Promise<string> => {
    for (const member of members()) if (member.state !== "booting") awaited.add(member);
    const timeout = Promise.withResolvers<void>();
    answered = timeout.resolve;
    const timer = setTimeout(timeout.resolve, answerTime);
    for (const member of awaited) tellMember(member, { drfAuth: "count" });
    if (awaited.size === 0) timeout.resolve();
    await timeout.promise;
    clearTimeout(timer);
    awaited.clear();
    return expose(addSnapshots([gone, ...latest.values(), { series: [], measurements: ownMeasurements() }]));
  };
  const collector: Collector = {
    onMessage(member, message) {
      if (message.drfAuth === "counted") {
        latest.set(member, message.snapshot);
        settle(member);
      } else if (message.drfAuth === "scrape") {
        const { id } = message;
        void collector.scrape().then((text) => tellMember(member, { drfAuth: "scraped", id, text }));
      }
    },
    onEnd(member) {
      const last = latest.get(member);
      latest.delete(member);
      if (last !== undefined) gone = addSnapshots([gone, keepCounters(last)]);
      settle(member);
    },
    scrape() {
      scraping ??= scrape().finally(() => {
        scraping = undefined;
      });
      return scraping;
    },
  };
  return collector;
}
