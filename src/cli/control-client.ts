/** The client of a server's control socket (`server/control.ts`). */
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { ConfigurationError, DrfAuthError } from "../errors.ts";
import type { Status } from "../server/index.ts";

/** The server did not do what it was asked; the message is its own. */
export class Refused extends DrfAuthError {
  readonly code = "refused";
}

/**
 * Asks a server.
 *
 * @param what  such as `GET /status`
 * @returns how it is afterwards
 * @throws Refused | ConfigurationError  nobody listens there, or this user may not open the socket
 */
export async function askServer(socketPath: string, what: string, body?: unknown): Promise<Status> {
  const [method, path] = what.split(" ");
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({ socketPath, method, path, headers: { "content-type": "application/json" } }, (response) => {
    text(response).then(resolve, reject);
  });
  asked.on("error", (cause: NodeJS.ErrnoException) => reject(translate(cause, socketPath)));
  asked.end(sent);
  const answer: { readonly ok: true; readonly result: Status } | { readonly ok: false; readonly error: string } =
    JSON.parse(await promise);
  if (!answer.ok) throw new Refused(answer.error);
  return answer.result;
}

function translate(cause: NodeJS.ErrnoException, path: string): Error {
  const say = (reason: string): Error => new ConfigurationError(`CONTROL_SOCKET=${path}`, reason, { cause });
  if (cause.code === "ENOENT" || cause.code === "ECONNREFUSED") return say("no server listens there");
  if (cause.code === "EACCES") return say("it belongs to the user of the server, and this is another one");
  return cause;
}
