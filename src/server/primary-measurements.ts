/** What the primary itself has to say at `/metrics`: of its workers, and of what it did with them. */
import type { Measurement } from "../config/index.ts";
import type { InstrumentName } from "./instruments.ts";
import type { Pool } from "./pool.ts";

export interface PrimarySource {
  readonly pool: Pick<Pool, "members" | "target">;
  /** Workers that ended, since the start. */
  readonly ends: Readonly<Record<"died" | "drained", number>>;
  readonly reloads: Readonly<Record<"done" | "failed", number>>;
  /** Seconds since 1970. */
  readonly startTime: number;
}

export function measurePrimary({ pool, ends, reloads, startTime }: PrimarySource): readonly Measurement[] {
  const members = [...pool.members];
  const measure = (name: InstrumentName, value: number, labels?: Measurement["labels"]) => ({ name, value, labels });
  return [
    ...["booting", "ready", "draining"].map((state) =>
      measure("drf_auth_workers", members.filter((member) => member.state === state).length, { state }),
    ),
    measure("drf_auth_workers_wanted", pool.target),
    measure("drf_auth_worker_ends_total", ends.died, { why: "died" }),
    measure("drf_auth_worker_ends_total", ends.drained, { why: "drained" }),
    measure("drf_auth_reloads_total", reloads.done, { result: "done" }),
    measure("drf_auth_reloads_total", reloads.failed, { result: "failed" }),
    measure("drf_auth_start_time_seconds", startTime),
    measure(
      "drf_auth_event_loop_delay_seconds",
      Math.max(0, ...members.map(({ vitals }) => vitals?.delayMilliseconds ?? 0)) / 1000,
    ),
  ];
}
