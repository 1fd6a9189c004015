import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createThrottle, parseRate } from "../../src/resource/index.ts";
import { databases } from "../databases.ts";

const rates = new Map([["token", parseRate("5/min", "test")]]);
const start = 1_700_000_000_000;

test("a rate is a number and a period; anything else is refused with its place", () => {
  assert.deepEqual(parseRate("3/min", "test"), { limit: 3, periodMs: 60_000 });
  assert.deepEqual(parseRate("10/hour", "test"), { limit: 10, periodMs: 3_600_000 });
  for (const wrong of ["", "3", "3/", "0/min", "-1/min", "3/fortnight", "min/3", "3.5/s"]) {
    assert.throws(() => parseRate(wrong, 'app, throttle "token"'), { place: 'app, throttle "token"' }, wrong);
  }
});

for (const { name, create } of databases) {
  describe(`throttling on ${name}`, () => {
    test("of 40 requests at once at a limit of 5, exactly 5 pass", async () => {
      const { database, drop } = await create();
      const throttle = await createThrottle(database, rates);
      const waits = await Promise.all(
        Array.from({ length: 40 }, () => throttle.count("token", "address 127.0.0.1", start)),
      );
      assert.equal(waits.filter((wait) => wait === undefined).length, 5);
      assert.deepEqual(new Set(waits), new Set([undefined, 60]));
      await drop();
    });

    test("the window slides: a place is free when the oldest request is a period old, and refused ones did not count", async () => {
      const { database, drop } = await create();
      const throttle = await createThrottle(database, rates);
      const at = (seconds: number) => throttle.count("token", "user 1", start + seconds * 1000);
      for (const seconds of [0, 10, 20, 30, 40]) assert.equal(await at(seconds), undefined);
      assert.equal(await at(45), 15);
      assert.equal(await at(59.5), 0.5);
      assert.equal(await at(60), undefined);
      assert.equal(await at(60), 10);
      assert.equal(await at(70), undefined);
      await drop();
    });

    test("what was counted by a clock that was set back by more than a period counts no more", async () => {
      const { database, drop } = await create();
      const throttle = await createThrottle(database, rates);
      for (let i = 0; i < 5; i++) await throttle.count("token", "user 1", start + 3_600_000);
      for (let i = 0; i < 5; i++) assert.equal(await throttle.count("token", "user 1", start), undefined);
      assert.equal(await throttle.count("token", "user 1", start), 60);
      await drop();
    });

    test("who comes from elsewhere is counted apart, and a scope without a rate not at all", async () => {
      const { database, drop } = await create();
      const throttle = await createThrottle(database, rates);
      for (let i = 0; i < 5; i++) await throttle.count("token", "user 1", start);
      assert.equal(await throttle.count("token", "user 2", start), undefined);
      for (let i = 0; i < 9; i++) assert.equal(await throttle.count("other", "user 1", start), undefined);
      assert.equal(await throttle.count("token", "user 1", start), 60);
      await drop();
    });

    test("many who come again at once, after their period, do not wait for each other's old requests", async () => {
      const { database, drop } = await create();
      const throttle = await createThrottle(database, rates);
      for (const time of [start, start + 60_000, start + 120_000]) {
        const waits = await Promise.all(
          Array.from({ length: 40 }, (_, i) => throttle.count("token", `user ${i % 8}`, time)),
        );
        assert.deepEqual(new Set(waits), new Set([undefined]));
      }
      await drop();
    });

    test("eight workers that start at once share one table", async () => {
      const { database, drop } = await create();
      const workers = await Promise.all(Array.from({ length: 8 }, () => createThrottle(database, rates)));
      for (const worker of workers.slice(0, 5)) assert.equal(await worker.count("token", "user 1", start), undefined);
      for (const worker of workers) assert.equal(await worker.count("token", "user 1", start), 60);
      await drop();
    });
  });
}
