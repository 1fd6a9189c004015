/**
 * Connections that one user at a time has for itself: lent, given back, and replaced when they are lost.
 *
 * Who asks when all are lent waits in line, for a bounded time; so no request hangs on a database that is slow or gone.
 */
import type pg from "pg";
import { DatabaseUnavailable } from "./errors.ts";
import type { PostgresTarget } from "./postgres-connection.ts";
import { closeConnection, openConnection } from "./postgres-open.ts";

/** Milliseconds after which a connection that nobody uses is closed. */
const IDLE_MS = 30_000;

interface Waiter {
  readonly take: (client: pg.Client) => void;
  readonly fail: (error: unknown) => void;
  /** Of `performance.now()`. */
  readonly until: number;
  timer?: NodeJS.Timeout;
}

interface Idle {
  readonly client: pg.Client;
  readonly timer: NodeJS.Timeout;
}

export class Pool {
  readonly #target: PostgresTarget;
  readonly #max: number;
  /** The one that was used last is the next. */
  #idle: Idle[] = [];
  readonly #waiting = new Set<Waiter>();
  readonly #lost = new WeakSet<pg.Client>();
  /** Connections that are open or being opened. */
  #size = 0;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(target: PostgresTarget, max: number) {
    this.#target = target;
    this.#max = max;
  }

  /** Lends a connection; give it back with `release`. @throws DatabaseUnavailable  none was free, or could be opened, in time */
  acquire(): Promise<pg.Client> {
    const { connectTimeoutMs, where } = this.#target;
    if (this.#closed) return Promise.reject(new DatabaseUnavailable(`${where} is closed`));
    const { promise, resolve, reject } = Promise.withResolvers<pg.Client>();
    const waiter: Waiter = { take: resolve, fail: reject, until: performance.now() + connectTimeoutMs };
    if (this.#serve(waiter)) return promise;
    this.#waiting.add(waiter);
    waiter.timer = setTimeout(() => {
      this.#waiting.delete(waiter);
      reject(new DatabaseUnavailable(`${where}: none of ${this.#max} connections was free in ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    return promise;
  }

  /** Takes a connection back. @param isSound  it may be lent again */
  release(client: pg.Client, isSound: boolean): void {
    if (this.#lost.has(client) || !isSound) {
      client.connection.stream.destroy();
      this.#shrink();
    } else if (this.#closed) {
      closeConnection(client).then(() => this.#shrink());
    } else {
      this.#idle.push({ client, timer: setTimeout(() => this.#leave(client), IDLE_MS) });
      this.#serveNext();
    }
  }

  /** Connections that are open or being opened, those of them that are lent, and how many wait for one. */
  load(): { readonly open: number; readonly busy: number; readonly waiting: number } {
    return { open: this.#size, busy: this.#size - this.#idle.length, waiting: this.#waiting.size };
  }

  /** Closes what is idle, and the others when they are given back. */
  close(): Promise<void> {
    if (this.#closed) return this.#closed.promise;
    this.#closed = Promise.withResolvers<void>();
    for (const { timer, fail } of this.#waiting) {
      clearTimeout(timer);
      fail(new DatabaseUnavailable(`${this.#target.where} is closed`));
    }
    this.#waiting.clear();
    for (const { client, timer } of this.#idle) {
      clearTimeout(timer);
      closeConnection(client).then(() => this.#shrink());
    }
    this.#idle = [];
    if (this.#size === 0) this.#closed.resolve();
    return this.#closed.promise;
  }

  /** Gives who waits a connection that is idle, or opens one; false where all are lent. */
  #serve(waiter: Waiter): boolean {
    const idle = this.#idle.pop();
    if (idle) {
      clearTimeout(idle.timer);
      waiter.take(idle.client);
      return true;
    }
    if (this.#size >= this.#max) return false;
    this.#size++;
    openConnection(this.#target, Math.max(1, waiter.until - performance.now())).then(
      (client) => {
        const forget = () => {
          this.#lost.add(client);
          this.#leave(client);
        };
        client.on("error", forget);
        client.on("end", forget);
        waiter.take(client);
      },
      (error: unknown) => {
        waiter.fail(error);
        this.#shrink();
      },
    );
    return true;
  }

  #serveNext(): void {
    for (const waiter of this.#waiting) {
      if (!this.#serve(waiter)) return;
      clearTimeout(waiter.timer);
      this.#waiting.delete(waiter);
    }
  }

  /** Has a connection no more that is idle; one that is lent is seen to when it is given back. */
  #leave(client: pg.Client): void {
    const idle = this.#idle.find((each) => each.client === client);
    if (!idle) return;
    clearTimeout(idle.timer);
    this.#idle = this.#idle.filter((each) => each !== idle);
    closeConnection(client);
    this.#shrink();
  }

  #shrink(): void {
    this.#size--;
    if (this.#closed && this.#size === 0) this.#closed.resolve();
    this.#serveNext();
  }
}
