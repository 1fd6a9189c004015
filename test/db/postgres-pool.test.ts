/** The connections of a process to PostgreSQL: how many, who waits for one, what each of them keeps, and when one is lost. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import {
  type ConnectOptions,
  connect,
  type Database,
  DatabaseUnavailable,
  defineStatement,
} from "../../src/db/index.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { openWire } from "../wire.ts";

const postgres = databases.find(({ name }) => name === "PostgreSQL") ?? assert.fail();
const one = defineStatement("SELECT 1", true);
const echo = defineStatement("SELECT CAST($1 AS integer)", true);
const insert = defineStatement("INSERT INTO entry VALUES ($1)");
const countEntries = defineStatement("SELECT count(*) FROM entry", true);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("Connections to PostgreSQL", () => {
  let test: TestDatabase;
  let wire: Awaited<ReturnType<typeof openWire>>;
  before(async () => {
    test = await postgres.create();
    wire = await openWire(test.url);
    await test.database.script("CREATE TABLE entry (id integer)");
  });
  after(async () => {
    wire.close();
    await test.drop();
  });

  const using = async (options: ConnectOptions, work: (database: Database) => Promise<void>, url = test.url) => {
    const database = await connect(url, options);
    await work(database).finally(() => database.close());
  };

  it("are never more than are allowed, whatever is asked at once, and are closed with the database", async () => {
    const url = `${test.url}?application_name=many`;
    const count = defineStatement("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'many'", true);
    const seen: unknown[] = [];
    await using(
      { maxConnections: 5 },
      async (database) => {
        const work = Array.from({ length: 60 }, async (_, i) => {
          await database.get(echo, [i]);
          await database.transaction(async (transaction) => {
            seen.push((await transaction.get(count))?.[0]);
          });
        });
        await Promise.all(work);
      },
      url,
    );
    const most = Math.max(...seen.map(Number));
    assert.ok(most > 2 && most <= 5, String(most));
    while ((await test.database.get(count))?.[0] !== 0) await turn();
  });

  it("are waited for in turn and for a bounded time; what reads does not wait for what writes", async () => {
    const work = async (database: Database) => {
      const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
      const holding = database.transaction(() => held);
      await assert.rejects(
        database.transaction(async () => undefined),
        (error: Error) =>
          error instanceof DatabaseUnavailable && /none of 1 connections was free in 1000 ms/.test(error.message),
      );
      assert.deepEqual(await database.get(one), [1]);
      const order: number[] = [];
      const next = [1, 2, 3].map((i) => database.transaction(async () => void order.push(i)));
      letGo();
      await Promise.all([holding, ...next]);
      assert.deepEqual(order, [1, 2, 3]);
    };
    // What the URL says is stronger than the option.
    await using({ maxConnections: 2, connectTimeoutMs: 10 }, work, `${test.url}?connect_timeout=1`);
  });

  it("are asked whether they are still there when nothing was heard for ten seconds", {
    skip: !existsSync("/proc/net/tcp") && "this system does not tell the timers of its sockets",
  }, async () => {
    await using({ maxConnections: 2 }, async (database) => {
      const [port = 0] = (await database.get(defineStatement("SELECT inet_client_port()", true))) ?? [];
      const ending = `:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
      /** "02", the timer of keep-alive, and the hundredths of a second until it is over. */
      const timerOf = (): readonly string[] => {
        const sockets = readFileSync("/proc/net/tcp", "utf8")
          .split("\n")
          .map((line) => line.trim().split(/\s+/));
        return sockets.find(([, local]) => local?.endsWith(ending))?.[5]?.split(":") ?? assert.fail();
      };
      // Until the last packet is acknowledged it is another one.
      while (timerOf()[0] !== "02") await turn();
      assert.ok(Number.parseInt(timerOf()[1] ?? "", 16) <= 1000);
    });
  });

  it("keep no more statements prepared than is said, and run the others all the same", async () => {
    const prepared = defineStatement("SELECT count(*) FROM pg_prepared_statements", true);
    for (const maxPrepared of [0, 5]) {
      await using({ maxConnections: 2, maxPrepared }, async (database) => {
        for (let i = 0; i < 20; i++) assert.deepEqual(await database.get(defineStatement(`SELECT ${i}`, true)), [i]);
        assert.deepEqual(await database.get(prepared), [maxPrepared]);
      });
    }
  });

  it("are ended by the server when a transaction does nothing for too long, and it keeps nothing", async () => {
    await using({ maxConnections: 2, idleTransactionTimeoutMs: 30 }, async (database) => {
      const pid = defineStatement("SELECT pg_backend_pid()");
      const isThere = defineStatement("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", true);
      await assert.rejects(
        database.transaction(async (transaction) => {
          await transaction.run(insert, [1]);
          const [own = null] = (await transaction.get(pid)) ?? [];
          while ((await test.database.get(isThere, [Number(own)]))?.[0] !== 0) await turn();
          await transaction.run(insert, [2]);
        }),
        (error: Error) => error.name === "DatabaseUnavailable",
      );
      assert.deepEqual(await database.get(countEntries), [0]);
      assert.equal(await database.run(insert, [1]), 1);
      await database.run(defineStatement("DELETE FROM entry"));
    });
  });

  it("that are lost with many statements on their way mix no answers up, and what only reads is asked again", async () => {
    await using(
      { maxConnections: 4 },
      async (database) => {
        for (let round = 0; round < 5; round++) {
          const asked = Array.from({ length: 200 }, async (_, i) => [await database.get(echo, [i]), i]);
          await asked[round * 30];
          wire.cut();
          wire.mend();
          for (const [row, i] of await Promise.all(asked)) assert.deepEqual(row, [i]);
        }
      },
      wire.url,
    );
  });

  it("are counted for the metrics: busy, idle and waited for", async () => {
    await using({ maxConnections: 2 }, async (database) => {
      const counts = () =>
        (database.measure?.() ?? []).map(({ name, labels, value }) => `${labels?.state ?? name} ${value}`);
      assert.deepEqual(counts(), ["busy 0", "idle 0", "drf_auth_database_waiting 0"]);
      await database.get(one);
      const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const holding = database.transaction(() => {
        begin();
        return held;
      });
      await begun;
      const waiting = database.run(insert, [1]);
      assert.deepEqual(counts(), ["busy 1", "idle 1", "drf_auth_database_waiting 1"]);
      letGo();
      await Promise.all([holding, waiting]);
      assert.deepEqual(counts(), ["busy 0", "idle 2", "drf_auth_database_waiting 0"]);
      await database.run(defineStatement("DELETE FROM entry"));
    });
  });

  it("are kept after a conflict of two transactions", async () => {
    await using({ maxConnections: 2 }, async (database) => {
      const pid = defineStatement("SELECT pg_backend_pid()");
      const before = await database.get(pid);
      const conflict = defineStatement("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$");
      await assert.rejects(
        database.transaction(async (transaction) => transaction.run(conflict)),
        { name: "TransactionConflict" },
      );
      assert.deepEqual(await database.get(pid), before);
    });
  });

  it("that the server ends for what they ask do not ask it again", async () => {
    await test.database.script("CREATE SEQUENCE asked");
    const long = defineStatement("SELECT nextval('asked'), pg_sleep(60)", true);
    const end = defineStatement(
      `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
       WHERE query LIKE 'SELECT nextval%' AND wait_event = 'PgSleep'`,
    );
    await using({}, async (database) => {
      const asking = assert.rejects(async () => database.get(long), /terminating connection/);
      while ((await test.database.get(end))?.[0] === 0) await turn();
      await asking;
      assert.deepEqual(await test.database.get(defineStatement("SELECT last_value FROM asked", true)), [1]);
    });
  });

  it("that are lost in the middle of a transaction that sends many statements at once leave none of them", async () => {
    await using(
      { maxConnections: 2 },
      async (database) => {
        const half = defineStatement("INSERT INTO entry VALUES (50)");
        wire.cutAt(half.name, "after");
        await assert.rejects(
          database.transaction(async (transaction) => {
            const all = Array.from({ length: 40 }, (_, i) =>
              i === 20 ? transaction.run(half) : transaction.run(insert, [i]),
            );
            await Promise.all(all);
          }),
          (error: Error) => error.name === "DatabaseUnavailable",
        );
        wire.mend();
        assert.deepEqual(await database.get(countEntries), [0]);
      },
      wire.url,
    );
  });
});
