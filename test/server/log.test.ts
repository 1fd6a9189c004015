import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import type { LogLevel } from "../../src/config/index.ts";
import { createLineWriter, createLogger } from "../../src/server/index.ts";

function logTo(format: "json" | "readable", level: LogLevel = "debug") {
  const lines: string[] = [];
  const log = createLogger({ format, level, now: () => 0, write: (line) => lines.push(line), fields: { pid: 7 } });
  return { lines, log };
}

describe("the log", () => {
  it("is one JSON object a line", () => {
    const { lines, log } = logTo("json");
    log.info("listening", { url: "http://h", workers: 2, missing: undefined });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [{ time: "1970-01-01T00:00:00.000Z", level: "info", message: "listening", pid: 7, url: "http://h", workers: 2 }],
    );
  });

  it("is readable for people", () => {
    const { lines, log } = logTo("readable");
    log.warning("a worker ended", { cause: "exit code 1" });
    assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z warning a worker ended pid=7 cause="exit code 1"']);
  });

  it("leaves out what is less important than its level", () => {
    const { lines, log } = logTo("json", "warning");
    log.debug("a");
    log.info("b");
    log.warning("c");
    log.error("d");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).message),
      ["c", "d"],
    );
  });

  it("shows the stack and the cause of an error, and none of its other properties", () => {
    for (const format of ["json", "readable"] as const) {
      const { lines, log } = logTo(format);
      const cause = Object.assign(new Error("the cause"), { detail: "Key (email)=(a@b.c)" });
      log.error("failed", { error: new Error("the error", { cause }) });
      assert.match(lines[0] ?? "", /the error.*log\.test\.ts.*caused by Error: the cause/s);
      assert.doesNotMatch(lines[0] ?? "", /a@b\.c/);
    }
  });

  it("cannot be made to show lines or colours that are not its own", () => {
    const evil = 'x\n2030-01-01 info forged\u001b[31m\u009b\u202e"';
    for (const format of ["json", "readable"] as const) {
      const { lines, log } = logTo(format);
      log.info(evil, { value: evil });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u202e]/);
    }
    const { lines, log } = logTo("json");
    log.info("m", { value: evil });
    assert.equal(JSON.parse(lines[0] ?? "").value, evil);
  });
});

describe("a writer of lines", () => {
  const sink = () => {
    const writes: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        writes.push(chunk);
        done();
      },
    });
    return { writes, stream };
  };

  it("makes one write of the lines of one turn", async () => {
    const { writes, stream } = sink();
    const lines = createLineWriter(stream);
    lines.write("a");
    lines.write("b");
    assert.deepEqual(writes, []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(writes, ["a\nb\n"]);
  });

  it("writes at once when flushed, and nothing twice", async () => {
    const { writes, stream } = sink();
    const lines = createLineWriter(stream);
    lines.write("a");
    lines.flush();
    lines.flush();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(writes, ["a\n"]);
  });

  it("goes on without its reader", async () => {
    const { writes, stream } = sink();
    const lines = createLineWriter(stream);
    stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await new Promise((resolve) => setImmediate(resolve));
    lines.write("a");
    lines.flush();
    assert.deepEqual(writes, []);
  });
});
