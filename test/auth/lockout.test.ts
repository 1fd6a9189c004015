/** The lock-out by itself: what it counts, for whom, how long it locks, and what it forgets. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLockout, LockedOut } from "../../src/auth/index.ts";
import { connect, type Database, defineStatement } from "../../src/db/index.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const start = Date.UTC(2024, 5, 1, 12);
const home = "192.0.2.1";
const [alice, bob] = ["alice", "bob"];

const defaults = {
  secretKey: "a secret of tests, thirty-two characters",
  lockoutLimit: 5,
  lockoutUserLimit: 20,
  lockoutAddressLimit: 50,
  lockoutDelaySeconds: 30,
  lockoutMaxDelaySeconds: 3600,
  lockoutWindowSeconds: 86_400,
};

/** A lock-out, a clock, and tries that say how they end: "right", "wrong", or the seconds for which they are refused. */
async function createTries(database: Database, settings: Partial<typeof defaults> = {}) {
  const clock = { now: start };
  const lockout = await createLockout({ settings: { ...defaults, ...settings }, database, now: () => clock.now });
  const tried = { count: 0 };
  const attempt = async (name: string, address: string, isRight: boolean): Promise<string | number> => {
    try {
      const { value } = await lockout.attempt(name, address, async () => {
        tried.count++;
        await new Promise(setImmediate);
        return isRight || undefined;
      });
      return value ? "right" : "wrong";
    } catch (error) {
      if (!(error instanceof LockedOut)) throw error;
      assert.deepEqual([error.status, error.headers["retry-after"]], [429, String(error.waitSeconds)]);
      return error.waitSeconds;
    }
  };
  return {
    ...{ clock, tried, lockout },
    wrong: (name = alice, address = home) => attempt(name, address, false),
    right: (name = alice, address = home) => attempt(name, address, true),
  };
}

const times = async <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await work(i));
  return results;
};
const others = (i: number): string => `198.51.100.${i}`;

for (const { name, create } of databases) {
  describe(`the lock-out on ${name}`, () => {
    const withTries = async (
      work: (tries: Awaited<ReturnType<typeof createTries>>, database: Database) => Promise<void>,
      settings: Partial<typeof defaults> = {},
    ): Promise<void> => {
      const { database, drop } = await create();
      try {
        await work(await createTries(database, settings), database);
      } finally {
        await drop();
      }
    };

    it("of 40 wrong passwords at once exactly 5 are tried, whichever worker they reach", async () => {
      const { database, drop } = await create();
      const workers = await Promise.all(Array.from({ length: 4 }, () => createTries(database)));
      const results = await Promise.all(Array.from({ length: 40 }, (_, i) => workers[i % 4]?.wrong()));
      assert.equal(results.filter((result) => result === "wrong").length, 5);
      assert.deepEqual(new Set(results), new Set(["wrong", 30]));
      assert.equal(
        workers.reduce((sum, { tried }) => sum + tried.count, 0),
        5,
      );
      await drop();
    });

    it("40 right passwords at once are all let in", () =>
      withTries(async ({ right }) => {
        const results = await Promise.all(Array.from({ length: 40 }, () => right()));
        assert.deepEqual(new Set(results), new Set(["right"]));
      }));

    it("each wrong try after the limit locks for twice as long, up to the longest", () =>
      withTries(async ({ wrong, clock }) => {
        assert.deepEqual(await times(5, () => wrong()), Array(5).fill("wrong"));
        const delays = await times(9, async () => {
          const wait = await wrong();
          clock.now += Number(wait) * 1000;
          assert.equal(await wrong(), "wrong");
          return wait;
        });
        assert.deepEqual(delays, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
      }));

    it("the right password is not looked at while it is locked, is let in afterwards, and forgets the wrong ones", () =>
      withTries(async ({ wrong, right, clock, tried }) => {
        await times(5, () => wrong());
        clock.now += 29_999;
        assert.equal(await right(), 1);
        assert.equal(tried.count, 5);
        clock.now += 1;
        assert.equal(await right(), "right");
        assert.deepEqual(await times(6, () => wrong()), [...Array(5).fill("wrong"), 30]);
      }));

    it("somebody else's wrong passwords lock him where he is, and not the user where she is", () =>
      withTries(async ({ wrong, right }) => {
        await times(5, () => wrong(alice, others(1)));
        assert.equal(await wrong(alice, others(1)), 30);
        assert.equal(await right(), "right");
      }));

    it("tried from many addresses a name is locked everywhere, but where its user has signed in before", () =>
      withTries(async ({ wrong, right, clock }) => {
        assert.equal(await right(), "right");
        assert.deepEqual(await times(20, (i) => wrong(alice, others(i))), Array(20).fill("wrong"));
        assert.equal(await wrong(alice, others(99)), 30);
        assert.equal(await right(alice, others(98)), 30);
        assert.equal(await right(), "right");
        assert.equal(await wrong(), "wrong");
        // Her sign-ins give nobody new tries.
        assert.equal(await wrong(alice, others(99)), 30);
        clock.now += 30_000;
        assert.equal(await right(alice, others(98)), "right");
      }));

    it("many names from one address lock it, for all but those who have signed in from it; a success does not reset it", () =>
      withTries(
        async ({ wrong, right }) => {
          await right();
          for (let i = 0; i < 9; i++) await wrong(`name ${i}`);
          assert.equal(await right(bob), "right");
          assert.equal(await wrong("name 9"), "wrong");
          assert.equal(await wrong("name 10"), 30);
          assert.deepEqual([await right(), await right(bob)], ["right", "right"]);
          assert.equal(await wrong("name 10", others(1)), "wrong");
        },
        { lockoutAddressLimit: 10 },
      ));

    it("whoever signs in from an address that is locked, with an account of his own, does not unlock it", () =>
      withTries(
        async ({ wrong, right, clock }) => {
          await right(bob);
          await times(10, (i) => wrong(`name ${i}`));
          assert.equal(await wrong("name 10"), 30);
          assert.equal(await right(bob), "right");
          assert.equal(await wrong("name 11"), 30);
          clock.now += 30_000;
          assert.equal(await wrong("name 12"), "wrong");
          assert.equal(await right(bob), "right");
          assert.equal(await wrong("name 13"), 60);
        },
        { lockoutAddressLimit: 10 },
      ));

    it("an IPv6 network is one address, an IPv4 address is one in either form", () =>
      withTries(async ({ wrong }) => {
        await times(5, (i) => wrong(alice, `2001:db8:0:1:${i}::${i}`));
        assert.equal(await wrong(alice, "2001:DB8::1:f:f:f:f"), 30);
        assert.equal(await wrong(alice, "2001:db8:0:2::1"), "wrong");
        await times(5, () => wrong(bob, "::ffff:192.0.2.9"));
        assert.equal(await wrong(bob, "192.0.2.9"), 30);
      }));

    it("names that Unicode writes in two ways are one; upper case is another name, as in the table of accounts", () =>
      withTries(async ({ wrong }) => {
        await times(5, (i) => wrong(i % 2 ? "\ufb01ona Ame\u0301lie" : "fiona Am\u00e9lie"));
        assert.equal(await wrong("fiona Am\u00e9lie"), 30);
        assert.equal(await wrong("Fiona Am\u00e9lie"), "wrong");
      }));

    it("what was no try, since it failed for another reason, does not count", () =>
      withTries(async ({ lockout, wrong }) => {
        for (let i = 0; i < 9; i++)
          await assert.rejects(
            lockout.attempt(alice, home, () => Promise.reject(new Error("away"))),
            /away/,
          );
        assert.deepEqual(await times(6, () => wrong()), [...Array(5).fill("wrong"), 30]);
      }));

    it("a restart forgets nothing, a day does", async () => {
      const { database, drop } = await create();
      const before = await createTries(database);
      await times(5, () => before.wrong());
      const after = await createTries(database);
      assert.equal(await after.wrong(), 30);
      after.clock.now += 86_400_000;
      assert.deepEqual(await times(6, () => after.wrong()), [...Array(5).fill("wrong"), 30]);
      await drop();
    });

    it("rows out of date go, and no name stands in the table", () =>
      withTries(async ({ wrong, clock, lockout }, database) => {
        await times(30, (i) => wrong(`name ${i}`, others(i)));
        clock.now += 86_400_000;
        await times(10, () => wrong(bob));
        const rows = await database.all(defineStatement("select name, address from drf_auth_lockout", true));
        assert.equal(rows.length, 3);
        assert.deepEqual(new Set(rows.map(([name]) => name)), new Set([lockout.nameDigest(bob), ""]));
      }));

    it("a refusal is one read and no write", async () => {
      const { database, drop } = await create();
      const counter = countStatements();
      const { wrong } = await createTries(counter.wrap(database));
      await times(5, () => wrong());
      counter.count = 0;
      assert.equal(await wrong(), 30);
      assert.equal(counter.count, 1);
      await drop();
    });

    it("a limit of 0 is none; with all of them 0 there is not even a table", async () => {
      const { database, drop } = await create();
      const { wrong } = await createTries(database, {
        ...{ lockoutLimit: 0, lockoutUserLimit: 0, lockoutAddressLimit: 0 },
      });
      assert.deepEqual(await times(150, () => wrong()), Array(150).fill("wrong"));
      await assert.rejects(async () => database.all(defineStatement("select 1 from drf_auth_lockout", true)));
      await drop();
    });

    it("with no limit for a pair, those for a name and an address hold for everybody", () =>
      withTries(
        async ({ wrong, right }) => {
          await right();
          await times(20, () => wrong());
          assert.equal(await wrong(), 30);
        },
        { lockoutLimit: 0 },
      ));
  });
}

for (const { name, create } of databases)
  it(`two processes on one database count together, on ${name}`, async () => {
    const { url, database, drop } = await create();
    const second = await connect(url);
    const [one, two] = [await createTries(database), await createTries(second)];
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).wrong()));
    assert.equal(results.filter((result) => result === "wrong").length, 5);
    await second.close();
    await drop();
  });
