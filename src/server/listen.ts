/**
 * Listening on an address or on a socket that was inherited, with failures told as what they are: a setting that does not fit
 * this machine.
 */
import type { AddressInfo, Server } from "node:net";
import { ConfigurationError } from "../errors.ts";

export interface Endpoint {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** Connections that may wait to be accepted. Reference: gunicorn's `backlog`; the kernel has a limit of its own. */
const backlog = 2048;

/**
 * Starts to listen.
 *
 * @param where  an address, or the number of an open socket
 * @returns the URL, for people: `http://127.0.0.1:8000`, `unix:/run/app.sock`
 * @throws ConfigurationError  the port is taken or not allowed, or the host is not an address of this machine
 */
export function listen(server: Server, where: Endpoint | number): Promise<string> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      reject(typeof where === "number" ? error : translateListenError(error, `HOST=${where.host} PORT=${where.port}`));
    const onListening = (): void => {
      server.off("error", onError);
      resolve(urlOf(server.address()));
    };
    server.once("error", onError);
    if (typeof where === "number") server.listen({ fd: where }, backlog, onListening);
    else server.listen({ ...where, backlog }, onListening);
  });
}

function urlOf(address: AddressInfo | string | null): string {
  // Node does not tell the path of a Unix socket that was inherited.
  if (address === null || typeof address === "string" || !("port" in address)) return `unix:${address ?? ""}`;
  const { address: host, family, port } = address;
  return `http://${family === "IPv6" ? `[${host}]` : host}:${port}`;
}

/** An error of listening, as the setting at fault; other errors as they are. */
export function translateListenError(error: unknown, place: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const say = (expected: string) => new ConfigurationError(place, expected, { cause: error });
  switch (code) {
    case "EADDRINUSE":
      return say("expected a free port; another process listens there");
    case "EACCES":
      return say("expected a port that this user may listen on; below 1024 that is often root alone");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return say("expected a host that is an address of this machine");
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
      return say("expected a path in a folder that is there, of some hundred characters at most");
    default:
      return error;
  }
}
