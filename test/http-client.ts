/** Clients for tests: JSON in and out through `fetch`, and bytes through a bare socket for what `fetch` would not send. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined where it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly json: any;
}

export interface Sent {
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Client {
  readonly base: string;
  (method: string, path: string, sent?: Sent): Promise<Answer>;
}

/** A client of a server; follows no redirects and keeps no cookies. */
export function clientOf(base: string): Client {
  const client = async (method: string, path: string, { json, body, headers }: Sent = {}): Promise<Answer> => {
    const response = await fetch(base + path, {
      method,
      body: body ?? (json === undefined ? undefined : JSON.stringify(json)),
      redirect: "manual",
      headers: {
        accept: "application/json",
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };
  return Object.assign(client, { base });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
