/** The audit log as lines: one event a line, whatever a client put into it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AuthEvent, createAuthEvents } from "../../src/auth/index.ts";
import { createLogger } from "../../src/server/index.ts";

const hostile = 'x\r\n{"event":"authn_login_success:1"}\u001b[2J\u2028\u202e\u0085" event=authn_login_success:1';
const cause = { address: "203.0.113.7", id: "r-1", headers: { "user-agent": hostile } };
const facts = { userId: 7, username: hostile, detail: hostile, way: "token" };

function write(format: "json" | "readable") {
  const lines: string[] = [];
  const seen: AuthEvent[] = [];
  const log = createLogger({ format, level: "info", now: () => 0, write: (line) => lines.push(line) });
  createAuthEvents({ log, hook: (event) => seen.push(event), now: () => 0 }).emit("authn_login_fail", facts, cause);
  return { lines, seen };
}

describe("an event with control characters in its name and agent", () => {
  it("is one line of JSON, whose fields are ours", () => {
    const { lines } = write("json");
    assert.equal(lines.length, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    const { event, user, remote, request_id, level } = JSON.parse(lines[0] ?? "");
    assert.deepEqual([user, remote, request_id, level], [7, "203.0.113.7", "r-1", "warning"]);
    assert.match(event, /^authn_login_fail:7,x\\u000d\\u000a/);
  });

  it("is one line for people, in which what the client sent stays within its quotes", () => {
    const { lines } = write("readable");
    assert.equal(lines.length, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    const outside = (lines[0] ?? "").replace(/"(?:[^"\\]|\\.)*"/g, '""');
    assert.doesNotMatch(outside, /authn_login_success/);
  });

  it("comes to the hook frozen, escaped and bounded", () => {
    const [event] = write("json").seen;
    assert.ok(event && Object.isFrozen(event));
    assert.deepEqual([event.name, event.severity, event.time], ["authn_login_fail", "warning", "1970-01-01T00:00:00Z"]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.doesNotMatch(Object.values(event).join(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});

it("a hook that throws, at once or later, is logged and stops nobody", async () => {
  const lines: string[] = [];
  const log = createLogger({ format: "json", level: "error", now: () => 0, write: (line) => lines.push(line) });
  const hooks = [
    () => {
      throw new Error("at once");
    },
    () => Promise.reject(new Error("later")),
  ];
  for (const hook of hooks) createAuthEvents({ log, hook, now: () => 0 }).emit("user_created", { userId: 7 });
  await new Promise(setImmediate);
  assert.match(lines.join("\n"), /onAuthEvent failed.*at once.*onAuthEvent failed.*later/s);
});
