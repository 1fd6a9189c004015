/**
 * How far long work is, in one line that is written again: only in a terminal, so that logs stay quiet.
 */
interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** Tells how much is done; `total` of 0 is not known yet. */
  update(done: number, total: number): void;
  /** Takes the line away. */
  end(): void;
}

const WIDTH = 24;
const EVERY_MS = 200;

/**
 * Makes the line of a stream; where that is no terminal nothing is written.
 * @param unit  what is counted: `rows`
 * @param now   milliseconds since 1970
 */
export function createProgress(stream: Stream, unit: string, now: () => number = Date.now): Progress {
  const began = now();
  let written = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      if (!stream.isTTY || now() - written < EVERY_MS) return;
      written = now();
      stream.write(`\r\u001b[K${lineOf(done, total, now() - began, unit)}`);
    },
    end() {
      if (stream.isTTY && Number.isFinite(written)) stream.write("\r\u001b[K");
    },
  };
}

/** `[######------------------]  25 %  250,000 of 1,000,000 rows, 0:12 left`. */
export function lineOf(done: number, total: number, tookMs: number, unit: string): string {
  const count = (number: number) => Math.round(number).toLocaleString("en");
  if (total <= 0) return `${count(done)} ${unit}`;
  const share = Math.min(1, done / total);
  const bar = "#".repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, "-");
  const percent = String(Math.floor(share * 100)).padStart(3);
  const left = done > 0 ? `, ${clock((tookMs / 1000) * (1 / share - 1))} left` : "";
  return `[${bar}] ${percent} %  ${count(done)} of ${count(total)} ${unit}${left}`;
}

/** Seconds as minutes and hours are written: `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
