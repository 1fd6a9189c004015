/** Clients for tests: JSON in and out through `fetch`, and bytes through a bare socket for what `fetch` would not send. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { clientOf as clientOfServer, type Answer as OwnAnswer, type Sent } from "../src/testing/client.ts";

export type { Sent };

export interface Answer extends OwnAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly json: any;
}

export interface Client {
  readonly base: string;
  (method: string, path: string, sent?: Sent): Promise<Answer>;
}

/** A client of a server; follows no redirects and keeps no cookies. */
export const clientOf: (base: string) => Client = clientOfServer;

/** Opens a socket to a server. */
export async function open(base: string): Promise<Socket> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return socket;
}

/**
 * Sends bytes as they are and gives the status of the answer; 0 where the server closes the connection without one.
 * What is a whole request must ask for `Connection: close`.
 */
export async function sendRaw(base: string, bytes: string | Uint8Array): Promise<number> {
  const socket = await open(base);
  let answer = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  await once(socket, "close");
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
