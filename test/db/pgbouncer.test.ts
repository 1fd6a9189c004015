/** PgBouncer in transaction mode: each transaction, and each statement outside of one, may meet another connection to the server. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type ConnectOptions,
  connect,
  type Database,
  DatabaseUnavailable,
  defineStatement,
} from "../../src/db/index.ts";
import { startTestApp } from "../app.ts";
import { createProject } from "../cli/project.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { clientOf } from "../http-client.ts";
import { pgbouncer, startPgbouncer } from "../pgbouncer.ts";
import { Author, library, Tag } from "../resource/library.ts";

const postgres = databases.find(({ name }) => name === "PostgreSQL") ?? assert.fail();

describe("PgBouncer in transaction mode", { skip: !pgbouncer && "pgbouncer is not installed on this machine" }, () => {
  let own: TestDatabase;
  let pooler: Awaited<ReturnType<typeof startPgbouncer>>;
  let database: Database;
  const options: ConnectOptions = { poolMode: "transaction", statementTimeoutMs: 5000, maxConnections: 8 };
  before(async () => {
    own = await postgres.create();
    pooler = await startPgbouncer(pgbouncer ?? "", own.url, 3);
    database = await connect(pooler.url, options);
    await database.script("CREATE TABLE entry (id integer PRIMARY KEY, at timestamptz)");
  });
  after(async () => {
    await database.close();
    await pooler.stop();
    await own.drop();
  });

  it("many readers, writers and transactions at once each get their own answer", async () => {
    const echo = defineStatement("SELECT CAST($1 AS integer)", true);
    const insert = defineStatement("INSERT INTO entry VALUES ($1, now())");
    const count = defineStatement("SELECT count(*) FROM entry WHERE id = $1");
    const work = Array.from({ length: 150 }, async (_, i) => {
      assert.deepEqual(await database.get(echo, [i]), [i]);
      await database.run(insert, [i]);
      await database.transaction(async (transaction) => {
        await transaction.run(insert, [1000 + i]);
        await transaction.transaction(async (inner) => assert.deepEqual(await inner.get(count, [1000 + i]), [1]));
        if (i % 3 === 0) assert.deepEqual(await transaction.get(count, [i]), [1]);
      });
      assert.deepEqual(await database.get(echo, [-i]), [-i || 0]);
    });
    await Promise.all(work);
    assert.deepEqual(await database.get(defineStatement("SELECT count(*) FROM entry", true)), [300]);
  });

  it("times are in UTC although another client of the pooler has its own zone", async () => {
    const tokyo = await connect(pooler.url, { ...options, maxConnections: 2 });
    await tokyo.script("SET TimeZone = 'Asia/Tokyo'");
    const zone = defineStatement("SELECT current_setting('TimeZone')", true);
    const zones = await Promise.all(Array.from({ length: 30 }, () => database.get(zone)));
    assert.deepEqual(new Set(zones.flat()), new Set(["UTC"]));
    await tokyo.close();
  });

  it("limits hold for the transaction alone, and stay on no connection of the server", async () => {
    const impatient = await connect(pooler.url, { ...options, statementTimeoutMs: 40 });
    await assert.rejects(
      impatient.transaction(async (transaction) => transaction.run(defineStatement("SELECT pg_sleep(30)"))),
      (error: Error) => error instanceof DatabaseUnavailable && /statement timeout/.test(error.message),
    );
    await impatient.close();
    const limit = defineStatement("SELECT current_setting('statement_timeout')", true);
    const limits = await Promise.all(Array.from({ length: 30 }, () => database.get(limit)));
    assert.deepEqual(new Set(limits.flat()), new Set(["0"]));
  });

  it("an app writes, reads and signs in through it", async () => {
    const second = await postgres.create();
    const through = new URL(pooler.url);
    through.pathname = new URL(second.url).pathname;
    const pooled = await connect(through.href, options);
    const test = await startTestApp(library, second, { wrap: () => pooled });
    const { bearer: headers } = await test.user("alice");
    await test.insert(Author, [{ name: "Ann" }]);
    await test.insert(Tag, [{ name: "one" }, { name: "two" }]);
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        test.client("POST", "/api/v1/books/", { json: { title: `Book ${i}`, author: 1, tags: [1, 2] }, headers }),
      ),
    );
    assert.deepEqual(new Set(made.map(({ status }) => status)), new Set([201]));
    const lists = await Promise.all(
      Array.from({ length: 30 }, () => test.client("GET", "/api/v1/books/?page_size=100&search=Book", { headers })),
    );
    assert.deepEqual(new Set(lists.map(({ json }) => json.count)), new Set([30]));
    const { status } = await test.client("POST", "/api/token/", {
      json: { username: "alice", password: "alice-pass" },
    });
    assert.equal(status, 200);
    assert.deepEqual(test.faults, []);
    await pooled.close();
    await test.stop();
  });

  it("migrators that start at once apply each migration once, and workers serve", async () => {
    const second = await postgres.create();
    const through = new URL(pooler.url);
    through.pathname = new URL(second.url).pathname;
    const environment = {
      ...{ DATABASE_URL: through.href, DATABASE_POOL_MODE: "transaction", DATABASE_POOL_SIZE: "1000" },
      ...{ SECRET_KEY: "a secret of tests, thirty-two characters", WEB_CONCURRENCY: "2" },
    };
    const project = await createProject();
    await project.run(["makemigrations"], { environment });
    const migrators = await Promise.all([1, 2, 3].map(() => project.run(["migrate"], { environment })));
    assert.deepEqual(
      migrators.map(({ code, err }) => [code, err].join()).filter((text) => !text.startsWith("0")),
      [],
    );
    await project.run(["createuser", "alice"], { input: "correct horse", environment });
    const server = project.start(["serve"], environment);
    const [, base = ""] = await server.says(/"url":"([^"]+)"/);
    const client = clientOf(base);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        client("POST", "/api/token/", { json: { username: "alice", password: "correct horse" } }),
      ),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const headers = { authorization: `Bearer ${answers[0]?.json.access}` };
    for (let i = 0; i < 10; i++)
      assert.equal((await client("POST", "/api/v1/snacks/", { json: { name: `Nuts ${i}` }, headers })).status, 201);
    assert.equal((await client("GET", "/api/v1/snacks/")).json.count, 10);
    const { err, out } = await server.stop();
    assert.doesNotMatch(out + err, /may ask PostgreSQL for more/);
    await project.remove();
    await second.drop();
  });
});
