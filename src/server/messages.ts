/**
 * What workers and their primary say to each other over the cluster's channel.
 *
 * The channel also carries messages of Node and of users' own code, so each of ours is recognized before it is believed.
 */

/** From a worker: it answers at `url`; or it could not start, and why in one text. */
export type WorkerMessage =
  | { readonly drfAuth: "ready"; readonly url: string }
  | { readonly drfAuth: "failed"; readonly reason: string };

/** From the primary: finish what is in flight, close, and end. */
export const drainMessage = { drfAuth: "drain" } as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

export function isWorkerMessage(message: unknown): message is WorkerMessage {
  if (!isObject(message)) return false;
  const { drfAuth, url, reason } = message;
  return drfAuth === "ready" ? typeof url === "string" : drfAuth === "failed" && typeof reason === "string";
}

export const isDrainMessage = (message: unknown): boolean =>
  isObject(message) && message.drfAuth === drainMessage.drfAuth;
