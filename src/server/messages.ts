/**
 * What workers and their primary say to each other over the channel between them.
 *
 * The channel may also carry messages of users' own code, so each of ours is recognized before it is believed.
 */

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
 * - `ready`: it answers at `url`; `failed`: it could not start, and why in one text;
 * - `beat`: its event loop turns, and how it is;
 * - `replace`: it has served enough, and why.
 */
export type WorkerMessage =
  | { readonly drfAuth: "ready"; readonly url: string }
  | { readonly drfAuth: "failed"; readonly reason: string }
  | ({ readonly drfAuth: "beat" } & Vitals)
  | { readonly drfAuth: "replace"; readonly reason: string };

/**
 * From the primary:
 * - `drain`: finish what is in flight in this many seconds, close, and end; `isLast` where nobody follows;
 * - `reopen`: open the files of the logs again.
 */
export type PrimaryMessage =
  | { readonly drfAuth: "drain"; readonly seconds?: number; readonly isLast: boolean }
  | { readonly drfAuth: "reopen" };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const vitals = ["requests", "inFlight", "memoryBytes", "delayMilliseconds"] satisfies (keyof Vitals)[];

export function isWorkerMessage(message: unknown): message is WorkerMessage {
  if (!isObject(message)) return false;
  switch (message.drfAuth) {
    case "ready":
      return typeof message.url === "string";
    case "failed":
    case "replace":
      return typeof message.reason === "string";
    case "beat":
      return vitals.every((name) => typeof message[name] === "number");
    default:
      return false;
  }
}

export function isPrimaryMessage(message: unknown): message is PrimaryMessage {
  return isObject(message) && (message.drfAuth === "reopen" || message.drfAuth === "drain");
}
