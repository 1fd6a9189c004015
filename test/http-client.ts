/** A client for tests: a real socket, JSON in and out, cookies kept if asked for. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import type { RunningApp } from "../src/app.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined where it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly json: any;
}

export interface Client {
  readonly base: string;
  (method: string, path: string, options?: { json?: unknown; body?: string; headers?: Record<string, string> }): Promise<Answer>;
}

/** Serves an app on a free port until the tests of the file are over. */
export async function serve(app: Pick<RunningApp, "listener">): Promise<Client> {
  const server = createServer(app.listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = async (method: string, path: string, options: { json?: unknown; body?: string; headers?: Record<string, string> } = {}) => {
    const { json, body = json === undefined ? undefined : JSON.stringify(json), headers } = options;
    const response = await fetch(base + path, {
      method,
      body,
      redirect: "manual",
      headers: { accept: "application/json", ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
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
