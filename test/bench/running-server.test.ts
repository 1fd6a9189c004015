/** Servers of the bench: started, waited for, and gone afterwards. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { findFreePort, startServer } from "../../bench/running-server.ts";

const { signal } = new AbortController();
const node = (program: string) => [process.execPath, "--input-type=module", "-e", program];

/** Whether something listens there. */
const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const serve = (port: number) => `
  import { createServer } from "node:http";
  createServer((_, response) => response.end("ok")).listen(${port}, "127.0.0.1");`;

describe("a server of the bench", () => {
  it("answers once it has started, and is gone once it has stopped", async () => {
    const port = await findFreePort();
    const server = await startServer({ command: node(serve(port)), environment: {}, port }, signal);
    assert.equal(await isListening(port), true);
    await server.stop();
    await server.stop();
    assert.equal(await isListening(port), false);
  });

  it("takes with it what it started, even if it ends without a word", { timeout: 10_000 }, async () => {
    const port = await findFreePort();
    const parent = `
      import { spawn } from "node:child_process";
      spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(serve(port))}]);
      setInterval(() => {}, 1000);`;
    const server = await startServer({ command: node(parent), environment: {}, port }, signal);
    await server.stop();
    while (await isListening(port)); // it was killed, and goes in its own time
  });

  it("that ends at once is reported with what it said", async () => {
    const port = await findFreePort();
    const command = node(`console.error("no such database"); process.exit(3);`);
    await assert.rejects(startServer({ command, environment: {}, port }, signal), /ended with 3\nno such database/);
  });

  it("that does not exist is reported", async () => {
    await assert.rejects(startServer({ command: ["/no/such/program"], environment: {}, port: 1 }, signal), /ENOENT/);
  });

  it("is stopped when the run is interrupted", async () => {
    const interruption = new AbortController();
    const port = await findFreePort();
    const started = startServer(
      { command: node(`setInterval(() => {}, 1000)`), environment: {}, port },
      interruption.signal,
    );
    interruption.abort();
    await assert.rejects(started, { name: "AbortError" });
  });
});
