/**
 * Spans of time between their text, `"1 02:03:04.500000"`, and whole microseconds, which is what SQLite stores.
 * Reference: django.utils.duration.duration_string and django.utils.dateparse.parse_duration.
 */
const DAY = 86_400_000_000n;
const SECOND = 1_000_000n;

/** The text of a number of microseconds: days where there are any, then `HH:MM:SS`, then six decimals where there are any. */
export function durationOf(microseconds: bigint): string {
  const days = floorDivide(microseconds, DAY);
  const rest = microseconds - days * DAY;
  const seconds = rest / SECOND;
  const pad = (part: bigint) => String(part).padStart(2, "0");
  const clock = `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}`;
  const fraction = rest % SECOND;
  return `${days === 0n ? "" : `${days} `}${clock}${fraction === 0n ? "" : `.${String(fraction).padStart(6, "0")}`}`;
}

/** Microseconds of a text that `durationOf` made. */
export function microsecondsOf(value: unknown): bigint {
  const match = /^(?:(-?\d+) )?(\d+):(\d+):(\d+)(?:\.(\d{6}))?$/.exec(String(value));
  if (!match) throw new TypeError("expected a duration such as 1 02:03:04.500000");
  const [days = "0", hours = "0", minutes = "0", seconds = "0", fraction = "0"] = match
    .slice(1)
    .map((part) => part ?? "0");
  const clock = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  return BigInt(days) * DAY + clock * SECOND + BigInt(fraction);
}

/** The text of an interval as PostgreSQL prints it: `-1 days +02:03:04.5`, `3 days`, `00:00:01`. */
export function durationOfInterval(interval: string): string {
  const days = /([+-]?\d+) days?/.exec(interval)?.[1] ?? "0";
  const [, sign = "+", hours = "0", minutes = "0", seconds = "0", fraction = ""] =
    /([+-]?)(\d+):(\d+):(\d+)(?:\.(\d+))?/.exec(interval) ?? [];
  const clock =
    ((BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)) * SECOND + BigInt(fraction.padEnd(6, "0"));
  return durationOf(BigInt(days) * DAY + (sign === "-" ? -clock : clock));
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
