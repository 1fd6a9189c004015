/** Clients that connect and say nothing, in a process of their own: `node idle-clients.ts <port> <how many>`, until its input ends. */
import { once } from "node:events";
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const atOnce = 100;
for (let i = 0; i < (count ?? 0); i += atOnce)
  await Promise.all(
    Array.from({ length: Math.min(atOnce, (count ?? 0) - i) }, () => {
      const socket = connect(port ?? 0, "127.0.0.1");
      return once(socket, "connect").then(() => socket.on("error", () => undefined));
    }),
  );
process.stdout.write(`${count} connected\n`);
process.stdin.resume();
await once(process.stdin, "end");
process.exit();
