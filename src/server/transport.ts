/**
 * From a connection to HTTP: the header of a proxy where there is one, TLS where it is spoken, then the version of HTTP.
 *
 * Made only where one of them is set: without, the HTTP server takes connections itself.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Logger, silentLogger } from "../config/index.ts";
import { createHttp2, type Http2Options } from "./http2.ts";
import { type ProxiedClient, readProxyHeader } from "./proxy-protocol.ts";
import { createTls } from "./tls.ts";
import type { TransportSettings } from "./transport-settings.ts";

export interface Transport {
  readonly scheme: "http" | "https";
  accept(socket: Socket): void;
  useTicketKeys(keys: Buffer): void;
  drain(): void;
}

export interface TransportOptions extends Partial<Omit<TransportSettings, "proxyAllowFrom">> {
  /** Whether a peer may send a header of the PROXY protocol (default: nobody). */
  readonly mayProxy?: (address: string) => boolean;
  readonly log?: Logger;
}

/**
 * Makes the way of a connection; undefined where there is nothing to do on it.
 * @param onHttp1  takes what speaks HTTP/1.1
 * @throws ConfigurationError  certificates that cannot be used
 */
export function createTransport(
  { mayProxy = () => false, log = silentLogger, ...settings }: TransportOptions,
  http2: Http2Options,
  onHttp1: (socket: Socket) => void,
): Transport | undefined {
  const { tlsCertFile = "", tlsKeyFile = "", tlsCaFile = "", http2: offersHttp2 = true, proxyProtocol } = settings;
  const speaksTls = tlsCertFile !== "" || tlsKeyFile !== "" || tlsCaFile !== "";
  if (!speaksTls && proxyProtocol !== "on") return undefined;
  /** Who connected to a proxy, by the proxy's end of the connection: TLS makes another object of it. */
  const clients = new Map<string, ProxiedClient>();
  const h2 = createHttp2(http2);
  const tls = speaksTls
    ? createTls({
        ...{ settings: { tlsCertFile, tlsKeyFile, tlsCaFile, http2: offersHttp2 }, log },
        onSecure(socket: TLSSocket) {
          const client = clients.get(endOf(socket));
          if (client) nameClient(socket, client);
          if (socket.alpnProtocol === "h2") h2.accept(socket);
          else onHttp1(socket);
        },
      })
    : undefined;
  const go = (socket: Socket): void => (tls ? tls.accept(socket) : onHttp1(socket));
  const acceptProxied = (socket: Socket): void => {
    if (!mayProxy(socket.remoteAddress?.replace(/^::ffff:/, "") ?? "")) {
      socket.destroy();
      return;
    }
    const end = endOf(socket);
    readProxyHeader(socket, (client) => {
      if (client && tls) {
        clients.set(end, client);
        socket.on("close", () => clients.delete(end));
      } else if (client) nameClient(socket, client);
      go(socket);
    });
  };
  return {
    scheme: tls ? "https" : "http",
    accept: proxyProtocol === "on" ? acceptProxied : go,
    useTicketKeys: (keys) => tls?.useTicketKeys(keys),
    drain() {
      tls?.close();
      h2.drain();
    },
  };
}

const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** From now on the connection is that of whoever connected to the proxy. */
function nameClient(socket: Socket, { address, port }: ProxiedClient): void {
  Object.defineProperty(socket, "remoteAddress", { value: address });
  Object.defineProperty(socket, "remotePort", { value: port });
}
