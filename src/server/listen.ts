/**
 * Listening on an address, with failures told as what they are: a setting that does not fit this machine.
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
 * @returns where it listens
 * @throws ConfigurationError  the port is taken or not allowed, or the host is not an address of this machine
 */
export function listen(server: Server, { host, port }: Endpoint): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(translate(error, { host, port }));
    server.once("error", onError);
    server.listen({ host, port, backlog }, () => {
      server.off("error", onError);
      const address = server.address();
      if (address === null || typeof address === "string") throw new TypeError("expected a server that listens on TCP");
      resolve(address);
    });
  });
}

/** The URL of an address, for people: `http://127.0.0.1:8000`. */
export const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;

function translate(error: NodeJS.ErrnoException, { host, port }: Endpoint): Error {
  const where = `HOST=${host} PORT=${port}`;
  const say = (expected: string) => new ConfigurationError(where, expected, { cause: error });
  switch (error.code) {
    case "EADDRINUSE":
      return say("expected a free port; another process listens there");
    case "EACCES":
      return say("expected a port that this user may listen on; below 1024 that is often root alone");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return say("expected a host that is an address of this machine");
    default:
      return error;
  }
}
