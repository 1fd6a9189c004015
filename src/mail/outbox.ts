/**
 * What is done after the answer: mails are made, and then sent, in turn.
 *
 * A client is answered before anybody looks whether there is an account to write to, so neither the answer nor its time says it.
 * The queue is bounded; it is kept in memory, so a process that is killed loses what waits, and one that is stopped waits for it.
 */
import type { Logger } from "../config/index.ts";
import { ServiceUnavailable } from "../errors.ts";
import { checkMail, type Mail } from "./mail.ts";
import type { MailTransport } from "./transport.ts";

export interface Outbox {
  /**
   * Runs work once the present answer is out, and sends the mails it makes. What fails is logged, and told to nobody.
   *
   * @param purpose  what the log calls it, e.g. `reset password`
   * @throws ServiceUnavailable  too much waits already
   */
  post(purpose: string, make: () => Promise<readonly Mail[]>): void;
  /** The same for what has happened already, such as a new password: it waits however much does, since nobody can take it back. */
  report(purpose: string, make: () => Promise<readonly Mail[]>): void;
  /** Resolves when nothing waits and nothing runs. */
  settled(): Promise<void>;
}

export interface OutboxOptions {
  readonly transport: MailTransport;
  /** Pieces of work that may wait. */
  readonly maxWaiting: number;
  readonly log: Logger;
}

/** Pieces of work at the same time: a server that is slow to take one mail holds up the others less. */
const maxConcurrent = 4;

export function createOutbox({ transport, maxWaiting, log }: OutboxOptions): Outbox {
  const waiting: (() => Promise<void>)[] = [];
  const whenSettled: (() => void)[] = [];
  let running = 0;

  const workOff = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
    running--;
    if (running === 0) for (const resolve of whenSettled.splice(0)) resolve();
  };
  /** What fails is logged, and what comes after it goes on. */
  const attempt = async <T>(purpose: string, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      log.error("a mail was not sent", { purpose, error: error instanceof Error ? error : new Error(String(error)) });
      return undefined;
    }
  };
  const send = async (mail: Mail): Promise<void> => {
    checkMail(mail);
    await transport.send(mail);
  };
  const work = async (purpose: string, make: () => Promise<readonly Mail[]>): Promise<void> => {
    for (const mail of (await attempt(purpose, make)) ?? []) await attempt(purpose, () => send(mail));
  };
  const report: Outbox["report"] = (purpose, make) => {
    waiting.push(() => work(purpose, make));
    if (running === maxConcurrent) return;
    running++;
    // Not in this turn of the event loop: there the answer is still on its way to the socket.
    setImmediate(workOff);
  };
  return {
    report,
    post(purpose, make) {
      if (waiting.length >= maxWaiting) throw new ServiceUnavailable("Too many mails wait; try again shortly.");
      report(purpose, make);
    },
    settled: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => whenSettled.push(resolve))),
  };
}
