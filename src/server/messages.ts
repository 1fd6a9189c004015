/**
 * What workers and their primary say to each other over the channel between them.
 *
 * The channel may also carry messages of users' own code, so each of ours is recognized before it is believed.
 */

import type { Snapshot } from "./metrics.ts";
import type { PrimarySettings } from "./primary-settings.ts";

/** How a worker is, told with every beat. */
export interface Vitals {
  /** Requests begun since its start. */
  readonly requests: number;
  readonly inFlight: number;
  /** Memory that the process has, bytes. */
  readonly memoryBytes: number;
  /** The longest that its event loop was late since the beat before, milliseconds. */
  readonly delayMilliseconds: number;
}

/**
 * From a worker:
 * - `ready`: it answers at `url`, and what it has read of the primary's settings; `failed`: it could not start, and why in one text;
 * - `beat`: its event loop turns, and how it is;
 * - `replace`: it has served enough, and why; `leaves`: somebody else than the primary told it to end;
 * - `counted`: what it has counted; `scrape`: it wants the metrics of all.
 */
export type WorkerMessage =
  | { readonly drfAuth: "ready"; readonly url: string; readonly settings?: PrimarySettings }
  | { readonly drfAuth: "failed"; readonly reason: string }
  | ({ readonly drfAuth: "beat" } & Vitals)
  | { readonly drfAuth: "replace"; readonly reason: string }
  | { readonly drfAuth: "leaves" }
  | { readonly drfAuth: "counted"; readonly snapshot: Snapshot }
  | { readonly drfAuth: "scrape"; readonly id: number };

export type ReadyMessage = Extract<WorkerMessage, { drfAuth: "ready" }>;

/**
 * From the primary:
 * - `drain`: finish what is in flight in this many seconds, close, and end; `isLast` where nobody follows;
 * - `leave`: the server will stop, and wants no more requests; `reopen`: open the files of the logs again;
 * - `tickets`: the keys of TLS session tickets from now on, in base64;
 * - `count`: tell what you have counted; `scraped`: the metrics of all.
 */
export type PrimaryMessage =
  | { readonly drfAuth: "drain"; readonly seconds?: number; readonly isLast: boolean }
  | { readonly drfAuth: "leave" | "reopen" | "count" }
  | { readonly drfAuth: "tickets"; readonly keys: string }
  | { readonly drfAuth: "scraped"; readonly id: number; readonly text: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const vitals = ["requests", "inFlight", "memoryBytes", "delayMilliseconds"] satisfies (keyof Vitals)[];

export function isWorkerMessage(message: unknown): message is WorkerMessage {
  if (!isObject(message)) return false;
  switch (message.drfAuth) {
    case "ready":
      return typeof message.url === "string" && (message.settings === undefined || isObject(message.settings));
    case "leaves":
      return true;
    case "failed":
    case "replace":
      return typeof message.reason === "string";
    case "beat":
      return vitals.every((name) => typeof message[name] === "number");
    case "counted": {
      const { snapshot } = message;
      return isObject(snapshot) && Array.isArray(snapshot.series) && Array.isArray(snapshot.measurements);
    }
    case "scrape":
      return typeof message.id === "number";
    default:
      return false;
  }
}

export function isPrimaryMessage(message: unknown): message is PrimaryMessage {
  if (!isObject(message)) return false;
  const { drfAuth, id, text, keys } = message;
  if (drfAuth === "scraped") return typeof id === "number" && typeof text === "string";
  if (drfAuth === "tickets") return typeof keys === "string";
  return drfAuth === "reopen" || drfAuth === "drain" || drfAuth === "leave" || drfAuth === "count";
}
