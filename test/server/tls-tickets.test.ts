/** TLS over several workers: who comes back saves half of the handshake, whichever of them answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";
import { createTicketKeys } from "../../src/server/ticket-keys.ts";
import { eventually, readyUrl, run } from "./running.ts";

const file = (name: string): string => join(import.meta.dirname, "certificates", name);
const ca = readFileSync(file("authority.pem"));

/** Asks which process answers, with the session of an earlier connection where there is one. */
const ask = (port: number, session?: Buffer) =>
  new Promise<{ pid: string; session: Buffer | undefined; isReused: boolean }>((resolve, reject) => {
    let [text, next, isReused]: [string, Buffer | undefined, boolean] = ["", undefined, false];
    const socket = connect({ port, host: "127.0.0.1", ca, ...(session && { session }) }, () => {
      isReused = socket.isSessionReused();
      socket.write("GET /pid HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    });
    socket.on("session", (given) => {
      next = given;
    });
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () =>
      resolve({
        pid: /\d+$/m.exec(text.split("\r\n\r\n")[1] ?? "")?.[0] ?? "",
        session: next,
        isReused,
      }),
    );
    socket.on("error", reject);
  });

test("a session that one worker began is resumed by another", { timeout: 20_000 }, async (t) => {
  const running = run({ WORKERS: "2", TLS_CERT_FILE: file("server.pem"), TLS_KEY_FILE: file("server.key") });
  t.after(() => running.child.kill("SIGKILL"));
  const port = Number(new URL(await readyUrl(running)).port);
  await eventually(async () => {
    const first = await ask(port);
    const others = await Promise.all(Array.from({ length: 4 }, () => ask(port, first.session)));
    return others.some(({ pid, isReused }) => isReused && pid !== first.pid) || undefined;
  });
  running.child.kill("SIGTERM");
  assert.equal(await running.ended, 0);
});

test("the keys of sessions change twice a day, at random", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const told: string[] = [];
  const keys = createTicketKeys((each) => told.push(each));
  const first = keys.current;
  assert.equal(Buffer.from(first, "base64").length, 48);
  t.mock.timers.tick(12 * 60 * 60 * 1000);
  assert.equal(told.length, 1);
  assert.notEqual(keys.current, first);
  assert.equal(keys.current, told[0]);
  keys.end();
  t.mock.timers.tick(12 * 60 * 60 * 1000);
  assert.equal(told.length, 1);
});
