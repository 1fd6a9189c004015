/**
 * The wall clock of a process, wrong by as many milliseconds as a file says: `node --import jumping-clock.ts`, with `CLOCK_FILE`.
 *
 * As when somebody sets the clock of a machine: its timers and steady clocks go on as they did.
 */
import { readFileSync } from "node:fs";

const { CLOCK_FILE = "" } = process.env;
const OwnDate = Date;
const now = (): number => {
  try {
    return OwnDate.now() + Number(readFileSync(CLOCK_FILE, "utf8"));
  } catch {
    return OwnDate.now();
  }
};

globalThis.Date = new Proxy(OwnDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
