import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, describe, it, type TestContext } from "node:test";
import { silentLogger } from "../../src/config/index.ts";
import { watchBeats } from "../../src/server/heartbeat.ts";
import type { Member } from "../../src/server/member.ts";

/** A process that ends by itself, and takes no notice of SIGINT here. */
const child = spawn("sleep", ["60"]);
after(() => child.kill("SIGKILL"));

function watch(t: TestContext, timeoutSeconds: number) {
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  t.mock.method(child, "kill", () => true);
  let at = 0;
  const killed: number[] = [];
  const member: Member = { process: child, startedAt: 0, heardAt: 0, state: "ready", vitals: undefined };
  const end = watchBeats({
    ...{ members: new Set([member]), timeoutSeconds, log: silentLogger, now: () => at },
    kill: () => killed.push(at),
  });
  t.after(end);
  const wait = (seconds: number): void => {
    for (let i = 0; i < seconds; i++) {
      at += 1_000;
      t.mock.timers.tick(1_000);
    }
  };
  const skip = (seconds: number): void => {
    at += seconds * 1_000;
  };
  return { member, killed, wait, skip, beat: () => Object.assign(member, { heardAt: at }) };
}

describe("the heartbeat", () => {
  it("kills a worker a second after the limit, and not before", (t) => {
    const { killed, wait } = watch(t, 30);
    wait(30);
    assert.deepEqual(killed, []);
    wait(2);
    assert.deepEqual(killed, [32_000]);
  });

  it("lets those live that beat", (t) => {
    const { killed, wait, beat } = watch(t, 30);
    for (let i = 0; i < 10; i++) {
      wait(29);
      beat();
    }
    assert.deepEqual(killed, []);
  });

  it("kills nobody because the primary itself was stopped", (t) => {
    const { killed, wait, skip } = watch(t, 30);
    skip(3_600);
    wait(29);
    assert.deepEqual(killed, []);
    wait(5);
    assert.equal(killed.length, 1);
  });

  it("kills nobody where there is no limit, and none that drains", (t) => {
    const unlimited = watch(t, 0);
    unlimited.wait(600);
    assert.deepEqual(unlimited.killed, []);
    t.mock.timers.reset();
    t.mock.restoreAll();
    const draining = watch(t, 1);
    draining.member.state = "draining";
    draining.wait(600);
    assert.deepEqual(draining.killed, []);
  });

  it("gives one that starts two minutes", (t) => {
    const { member, killed, wait } = watch(t, 1);
    member.state = "booting";
    wait(120);
    assert.deepEqual(killed, []);
    wait(2);
    assert.equal(killed.length, 1);
  });
});
