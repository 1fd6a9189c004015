/**
 * The control socket: a server is asked and told things by whoever may open the file, which is its own user.
 *
 *     curl --unix-socket .control.sock http://server/status
 *
 * HTTP with JSON in both directions; `drf-auth ctl` is its client.
 * Reference: the control sockets of Gunicorn (gunicornc) and Puma (pumactl).
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { json } from "node:stream/consumers";
import type { Logger } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Arbiter } from "./arbiter.ts";
import { isAlive, isSocket } from "./sockets.ts";

export interface Control {
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly path: string;
  /** Somebody asked for it: without, the server goes on where the socket cannot be made. */
  readonly isRequired: boolean;
  readonly arbiter: Arbiter;
  readonly log: Logger;
}

/** What answers have that are under way when the server ends, milliseconds. */
const closeTime = 500;

/** An answer: what was asked for, or why not. */
type Answer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: string };

/** Opens the socket; where that is not possible it says so in the log, and the server goes on. */
export async function openControl({ path, isRequired, arbiter, log }: ControlOptions): Promise<Control | undefined> {
  try {
    if (await isAlive(path)) throw new ConfigurationError(`CONTROL_SOCKET=${path}`, "another server listens there");
    if (isSocket(path)) rmSync(path);
    const server = createServer(async (request, response) => {
      const answer = await answerTo(request, arbiter).catch((error: unknown) => refuse(String(error)));
      response.writeHead(answer.ok ? 200 : 400, { "content-type": "application/json" });
      response.end(`${JSON.stringify(answer)}\n`);
    });
    await listenPrivately(server, path);
    return {
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
          // Who still waits for an answer gets it now or never.
          setTimeout(() => server.closeAllConnections(), closeTime).unref();
        }),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log[isRequired ? "error" : "debug"]("there is no control socket", { path, reason });
    return undefined;
  }
}

async function answerTo(request: IncomingMessage, arbiter: Arbiter): Promise<Answer> {
  const name = `${request.method} ${request.url}`;
  const sent: unknown = request.method === "POST" ? await json(request).catch(() => undefined) : undefined;
  switch (name) {
    case "GET /status":
      return tell(arbiter.status());
    case "POST /reload": {
      const failure = await arbiter.reload();
      return failure === undefined ? tell(arbiter.status()) : refuse(failure);
    }
    case "POST /scale": {
      const workers = fieldOf(sent, "workers");
      if (typeof workers !== "number" || !Number.isInteger(workers) || workers < 1 || workers > 1024)
        return refuse('expected {"workers": N}, a whole number from 1 to 1024');
      arbiter.scale(workers);
      return tell(arbiter.status());
    }
    case "POST /reopen":
      arbiter.reopen();
      return tell(arbiter.status());
    case "POST /stop":
      setImmediate(() => arbiter.stop(fieldOf(sent, "isQuick") === true ? 0 : undefined));
      return tell(arbiter.status());
    default:
      return refuse("expected GET /status, or POST /reload, /scale, /reopen or /stop");
  }
}

const tell = (result: unknown): Answer => ({ ok: true, result });
const refuse = (error: string): Answer => ({ ok: false, error });

const fieldOf = (sent: unknown, name: string): unknown =>
  typeof sent === "object" && sent !== null ? Reflect.get(sent, name) : undefined;

/** On a file that its owner alone may open, from its first moment on. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => {
        chmodSync(path, 0o600);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}
