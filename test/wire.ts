/** A wire between a client and a server, for tests in which the network fails: it can be cut, go silent, and be mended. */
import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** Opens a wire to the server of a URL; `url` of what it returns leads through it. */
export async function openWire(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isSilent = false;
  let isCut = false;
  const server: Server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = dial(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => isSilent || to.write(chunk));
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("expected a port");
  const own = new URL(url);
  own.port = String(address.port);
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: own.href,
    cut() {
      isCut = true;
      drop();
    },
    silence() {
      isSilent = true;
    },
    mend() {
      isCut = false;
      isSilent = false;
      drop();
    },
    close() {
      drop();
      server.close();
    },
  };
}
