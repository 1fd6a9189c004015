/** Expired rows go by themselves, in small steps, whoever else is signing in. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { createCleaner } from "../../src/auth/index.ts";
import { silentLogger } from "../../src/config/index.ts";
import { connect, type Database, defineStatement } from "../../src/db/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases, type TestDatabase } from "../databases.ts";

const app = defineApp({ resources: {}, settings: { accessLifetimeSeconds: 300, refreshLifetimeSeconds: 3600 } });
const hour = 3_600_000;

for (const { name, create } of databases) {
  describe(`expired rows on ${name}`, () => {
    let own: TestDatabase;
    let test: TestApp;
    let other: Database;
    before(async () => {
      own = await create();
      test = await startTestApp(app, own);
      await test.user("alice");
      other = await connect(own.url);
    });
    after(async () => {
      await other.close();
      await test.stop();
    });

    const tables = [
      "token_blacklist_outstandingtoken",
      "token_blacklist_blacklistedtoken",
      "drf_auth_session",
      "django_session",
    ];
    const counts = async () => {
      const found: number[] = [];
      for (const table of tables)
        found.push(Number((await other.all(defineStatement(`select count(*) from ${table}`, true)))[0]?.[0]));
      return found;
    };
    const obtain = async () =>
      (await test.client("POST", "/api/token/", { json: { username: "alice", password: "alice-pass" } })).json;
    const refresh = async (token: string) => test.client("POST", "/api/token/refresh/", { json: { refresh: token } });
    /** Many rows that have expired two hours ago, by Django's hand. */
    const fill = async (rows: number) => {
      const numbers =
        other.dialect === "sqlite"
          ? `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})`
          : `with n(i) as (select generate_series(1, ${rows}))`;
      const at = "'2024-06-01 10:00:00'";
      const time = other.dialect === "sqlite" ? at : `timestamptz ${at}`;
      for (const sql of [
        `${numbers} insert into token_blacklist_outstandingtoken (token, jti, created_at, expires_at) select 't', 'old' || i, ${time}, ${time} from n`,
        `insert into token_blacklist_blacklistedtoken (token_id, blacklisted_at) select id, ${time} from token_blacklist_outstandingtoken where jti like 'old%'`,
        `${numbers} insert into django_session (session_key, session_data, expire_date) select 'old' || i, '', ${time} from n`,
        `${numbers} insert into drf_auth_session (id, user_id, auth_hash, jti, rotated_at, created_at, last_used_at, expires_at, address, user_agent)
         select 'old' || i, 1, '', 'old' || i, 0, 0, 0, 0, '', '' from n`,
      ])
        await other.run(defineStatement(sql));
    };

    it("what has expired for an hour goes, what is valid or only just expired stays", async () => {
      const valid = await obtain();
      const before = await counts();
      await fill(1201);
      const removed = await test.cleaner.round(60);
      assert.equal(removed, 3 * 1201);
      assert.deepEqual(await counts(), before);
      assert.equal((await refresh(valid.refresh)).status, 200);
      test.clock.now += 2 * hour - 1;
      assert.equal(await test.cleaner.clean("tokens"), 0);
      test.clock.now += 1;
      assert.ok((await test.cleaner.clean("tokens")) > 0);
      assert.deepEqual(await counts(), [0, 0, 0, 0]);
    });

    it("of cleaners on several machines one does it, the next round is anybody's", async () => {
      const now = () => test.clock.now;
      const cleaners = [own.database, other].map((database) => createCleaner({ database, log: silentLogger, now }));
      test.clock.now += hour;
      await fill(10);
      const removed = await Promise.all(cleaners.map((cleaner) => cleaner.round(600)));
      assert.deepEqual(removed.toSorted(), [30, undefined]);
      test.clock.now += 600_000;
      assert.equal((await Promise.all(cleaners.map((cleaner) => cleaner.round(600)))).filter((n) => n === 0).length, 1);
    });

    it("people sign in and refresh while it cleans, and two that clean at once do not disturb each other", async () => {
      await fill(3000);
      const now = () => test.clock.now;
      const cleaners = [own.database, other].map((database) => createCleaner({ database, log: silentLogger, now }));
      let isCleaning = true;
      const cleaning = Promise.all(cleaners.flatMap((each) => [each.clean("tokens"), each.clean("sessions")])).finally(
        () => {
          isCleaning = false;
        },
      );
      let signedIn = 0;
      while (isCleaning) {
        const pair = await obtain();
        assert.equal((await refresh(pair.refresh)).status, 200);
        signedIn++;
      }
      const removed = await cleaning;
      assert.equal(
        removed.reduce((sum, rows) => sum + rows, 0),
        3 * 3000,
      );
      assert.ok(signedIn > 1);
      assert.deepEqual(await counts(), [2 * signedIn, signedIn, signedIn, 0]);
    });

    it("rows stay bounded, however often somebody signs in and refreshes", async () => {
      const limit: number[] = [];
      for (let round = 0; round < 6; round++) {
        for (let i = 0; i < 5; i++) await refresh((await obtain()).refresh);
        test.clock.now += hour;
        await test.cleaner.round(60);
        limit.push((await counts()).reduce((sum, rows) => sum + rows, 0));
      }
      assert.equal(new Set(limit.slice(2)).size, 1, String(limit));
    });
  });
}
