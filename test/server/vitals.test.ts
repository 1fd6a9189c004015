import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { silentLogger } from "../../src/config/index.ts";
import type { WorkerMessage } from "../../src/server/messages.ts";
import { type BeatOptions, startBeats } from "../../src/server/vitals.ts";

/** Beats of a worker that has answered so many requests, on timers of the test. */
function beat(t: TestContext, options: Omit<BeatOptions, "server" | "tell" | "log">) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const counts = { requests: 0, inFlight: 0 };
  const told: WorkerMessage[] = [];
  const errors: string[] = [];
  const log = { ...silentLogger, error: (message: string) => void errors.push(message) };
  const end = startBeats({ ...options, log, server: { counts }, tell: (message) => told.push(message) });
  t.after(end);
  return {
    after(requests: number): number {
      counts.requests = requests;
      t.mock.timers.tick(1_000);
      return told.filter(({ drfAuth }) => drfAuth === "replace").length;
    },
    told,
    errors,
  };
}

describe("the beats of a worker", () => {
  it("tell how it is from the first moment on, every second", (t) => {
    const { told, after } = beat(t, {});
    assert.equal(told.length, 1);
    after(7);
    const [first, second] = told;
    assert.ok(first?.drfAuth === "beat" && first.requests === 0 && first.memoryBytes > 1e6);
    assert.ok(second?.drfAuth === "beat" && second.requests === 7);
    assert.equal(after(1_000_000), 0);
  });

  it("ask for a successor at MAX_REQUESTS and a part of the jitter, by chance", (t) => {
    const { after } = beat(t, { maxRequests: 100, maxRequestsJitter: 10, random: () => 0.5 });
    assert.deepEqual([after(99), after(100), after(104), after(105)], [0, 0, 0, 1]);
  });

  it("spread workers of one age over the whole jitter", (t) => {
    const asksAt = (random: number): number => {
      const { after } = beat(t, { maxRequests: 100, maxRequestsJitter: 10, random: () => random });
      for (let requests = 100; ; requests++) if (after(requests) > 0) return requests;
    };
    const asked = [0, 0.5, 0.999].map((random) => {
      const at = asksAt(random);
      t.mock.timers.reset();
      return at;
    });
    assert.deepEqual(asked, [100, 105, 110]);
  });

  it("ask again after half a minute, where the successor could not start", (t) => {
    const { after } = beat(t, { maxRequests: 1 });
    assert.equal(after(5), 1);
    for (let i = 0; i < 29; i++) assert.equal(after(5), 1);
    assert.equal(after(5), 2);
  });

  it("ask for one at MAX_MEMORY, once the worker has grown", (t) => {
    const { after, told } = beat(t, { maxMemoryBytes: process.memoryUsage.rss() + 50 * 2 ** 20 });
    assert.equal(after(0), 0);
    const grown = Buffer.alloc(200 * 2 ** 20, 1);
    assert.equal(after(0), 1);
    assert.ok(told.some((message) => message.drfAuth === "replace" && / MB of memory$/.test(message.reason)));
    assert.ok(grown.length > 0);
  });

  it("tell of a MAX_MEMORY that no worker can keep, and ask for no successor, who could not either", (t) => {
    const { after, errors } = beat(t, { maxMemoryBytes: 1 });
    assert.equal(after(0), 0);
    assert.deepEqual(errors, ["MAX_MEMORY is less than a worker needs to start; it is not looked at"]);
  });
});
