/**
 * Debian's `wrk` as the load, where it is installed: for servers that answer faster than Node can ask.
 *
 * Used by `measure.ts` for rows of static files. wrk does not look at answers one by one, so their sum is checked: statuses, errors
 * of sockets, and the bytes that came, to within a hundredth of what the requests must have brought.
 */
import { execFile, spawnSync } from "node:child_process";
import type { LoadOrder, LoadResult } from "./load.ts";

export const hasWrk = (): boolean => spawnSync("wrk", ["--version"]).error === undefined;

/** @throws Error  answers are not as expected, or wrk fails */
export function runWrk(order: LoadOrder, signal: AbortSignal): Promise<LoadResult> {
  const [line = "", ...headers] = order.request.split("\r\n\r\n", 1)[0]?.split("\r\n") ?? [];
  const path = line.split(" ")[1] ?? "/";
  const whole = Math.max(1, Math.round(order.seconds));
  const flags = ["-t1", `-c${order.connections}`, `-d${whole}s`, ...headers.flatMap((header) => ["-H", header])];
  return new Promise((resolve, reject) => {
    execFile("wrk", [...flags, `http://127.0.0.1:${order.port}${path}`], { signal }, (error, stdout, stderr) => {
      if (error) return reject(signal.aborted ? error : new Error(`wrk: ${stderr.trim() || error.message}`));
      try {
        resolve(readWrk(stdout, order));
      } catch (cause) {
        reject(cause);
      }
    });
  });
}

/**
 * Reads what wrk says.
 * @throws Error  an answer was not as expected
 */
export function readWrk(text: string, { bodyBytes = 0 }: Pick<LoadOrder, "bodyBytes">): LoadResult {
  const [, requests, seconds, read, unit = ""] =
    /(\d+) requests in ([\d.]+)s, ([\d.]+)([KMGT]?)B read/.exec(text) ?? [];
  const fault = /^ *(Socket errors|Non-2xx).*$/m.exec(text);
  if (fault !== null || requests === undefined) throw new Error(`wrk: ${fault?.[0].trim() ?? text.trim()}`);
  const answered = Number(requests);
  const bytes = Number(read) * 1024 ** " KMGT".indexOf(unit || " ");
  // A head has at most a kilobyte; what is under way when wrk stops is read, but not counted.
  const [least, most] = [answered * bodyBytes * 0.99, (answered * 1.05 + 64) * (bodyBytes + 1024)];
  if (bytes < least || bytes > most)
    throw new Error(`expected ${answered} answers of ${bodyBytes} bytes, got ${Math.round(bytes)} bytes together`);
  return { answered, seconds: Number(seconds) };
}
