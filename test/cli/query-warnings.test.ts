import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { createQueryWarnings } from "../../src/cli/query-warnings.ts";
import type { LogFields } from "../../src/config/index.ts";
import { connect, type Database, defineStatement, watchQueries } from "../../src/db/index.ts";
import { createLogger } from "../../src/server/index.ts";
import { databases } from "../databases.ts";

const one = defineStatement("select 1", true);
const two = defineStatement("select 2", true);

for (const { name, create } of databases) {
  describe(`what dev warns of, on ${name}`, () => {
    const open = async (t: TestContext): Promise<Database> => {
      const own = await create();
      const database = await connect(own.url);
      t.after(async () => {
        await database.close();
        await own.drop();
      });
      return database;
    };

    /** The warnings after one request that is answered by this. */
    async function warningsOf(t: TestContext, work: (database: Database) => Promise<void>, slowSeconds = 0) {
      const lines: LogFields[] = [];
      const write = (line: string): void => void lines.push(JSON.parse(line));
      const log = createLogger({ format: "json", level: "warning", now: () => 0, write });
      const { database, watch } = createQueryWarnings(await open(t), slowSeconds, log);
      const listener: RequestListener = (_, response) => void work(database).then(() => response.end());
      const server = createServer(watch(listener)).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      await (await fetch(`http://127.0.0.1:${port}/api/v1/snacks/?name=secret`)).text();
      server.close();
      await once(server, "close");
      return lines.map(({ time, level, ...fields }) => fields);
    }

    it("is a query for each row, with the request and how often", async (t) => {
      const warnings = await warningsOf(t, async (database) => {
        await database.get(two);
        for (let i = 0; i < 10; i++) await database.get(one);
      });
      assert.deepEqual(warnings, [
        {
          message: "one request asked the same many times; one query for all rows would do",
          ...{ method: "GET", path: "/api/v1/snacks/", times: 10, sql: "select 1" },
        },
      ]);
    });

    it("counts in transactions, too, and not over requests", async (t) => {
      const inside = await warningsOf(t, (database) =>
        database.transaction(async (transaction) => {
          for (let i = 0; i < 6; i++) await transaction.all(one);
        }),
      );
      assert.deepEqual(
        inside.map(({ times }) => times),
        [6],
      );
      const database = await open(t);
      const watch = watchQueries(database, { slowMilliseconds: 0, onSlow() {} });
      for (let i = 0; i < 10; i++) {
        const { result, repeated } = watch.request(async () => watch.database.get(one));
        await result;
        assert.equal(repeated().size, 0);
      }
    });

    it("is a slow statement, with its text and without its values", async (t) => {
      let at = 0;
      let step = 60;
      const slow: [string, number][] = [];
      const watch = watchQueries(await open(t), {
        slowMilliseconds: 100,
        onSlow: (sql, milliseconds) => slow.push([sql, milliseconds]),
        now: () => {
          at += step;
          return at;
        },
      });
      await watch.database.get(one);
      assert.deepEqual(slow, []);
      step = 150;
      await watch.database.transaction(async (transaction) => transaction.get(two));
      assert.deepEqual(slow, [["select 2", 150]]);
    });
  });
}
