/**
 * What the service manager is told: that the server is ready, reloads, stops.
 *
 * systemd listens on a datagram socket, which Node cannot open, so its own tool says it: `systemd-notify` is on every machine
 * with systemd. It is another process than the server, so the unit needs `NotifyAccess=all`.
 * Reference: sd_notify(3); gunicorn.systemd.
 */
import { execFile } from "node:child_process";
import type { Logger } from "../config/index.ts";

/** Says something, e.g. `READY=1`, and does not wait for it. */
export type Notify = (...states: readonly string[]) => void;

/** @param environment  has `NOTIFY_SOCKET` where a service manager listens; without, nothing is said */
export function createNotify(environment: Readonly<Record<string, string | undefined>>, log: Logger): Notify {
  if (environment.NOTIFY_SOCKET === undefined) return () => {};
  // One after the other, since each is a process of its own.
  let line: Promise<void> = Promise.resolve();
  return (...states) => {
    line = line.then(() => run(states, log));
  };
}

function run(states: readonly string[], log: Logger): Promise<void> {
  return new Promise((resolve) => {
    const main = states.some((state) => state.startsWith("MAINPID=")) ? [] : [`MAINPID=${process.pid}`];
    execFile("systemd-notify", [...states, ...main], { timeout: 5_000 }, (error) => {
      if (error) log.warning("the service manager could not be told", { states: states.join(" "), error });
      resolve();
    });
  });
}
