/** A wire between a client and a server, for tests in which the network fails: it can be cut, go silent, and be mended. */
import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** Opens a wire to the server of a URL; `url` of what it returns leads through it. */
export async function openWire(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  let isSilent = false;
  let isCut = false;
  let losing: { text: string; when: "before" | "after" } | undefined;
  const server: Server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = dial(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => {
        if (isSilent || frozen.has(from)) return;
        if (from !== near || losing === undefined || !chunk.includes(losing.text)) to.write(chunk);
        else if (losing.when === "before") cut();
        else {
          far.removeAllListeners("data");
          far.once("data", cut);
          far.write(chunk);
        }
      });
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
  const cut = (): void => {
    losing = undefined;
    isCut = true;
    drop();
  };
  return {
    url: own.href,
    cut,
    /** Cuts it when the client sends a text: before the server has that, or after, when its answer is on the way. */
    cutAt(text: string, when: "before" | "after") {
      losing = { text, when };
    },
    silence() {
      isSilent = true;
    },
    /** What is connected hears nothing any more, and is not told; who connects anew is heard. */
    freeze() {
      for (const socket of sockets) frozen.add(socket);
    },
    mend() {
      losing = undefined;
      isCut = false;
      if (isSilent) drop(); // what was said meanwhile is lost
      isSilent = false;
    },
    close() {
      drop();
      server.close();
    },
  };
}
