/** An access token ends within the time of TOKEN_CHECK_INTERVAL, whoever ended it, and costs no statement until then. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { connect, type Database, DatabaseUnavailable, defineStatement } from "../../src/db/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { run: ({ user }) => ({ name: user?.username, staff: user?.is_staff }) } },
    }),
  },
  settings: { accessLifetimeSeconds: 3600, refreshLifetimeSeconds: 86_400 },
});

for (const { name, create } of databases) {
  describe(`revocation on ${name}`, () => {
    const statements = countStatements();
    const world = { isAway: false };
    /** The same database seen by two machines, each with its own memory. */
    let here: TestApp;
    let there: TestApp;
    before(async () => {
      const own = await create();
      const settings = { tokenCheckSeconds: 0.5 };
      here = await startTestApp(app, own, {
        settings,
        wrap: (database) => statements.wrap(perhapsAway(database, world)),
      });
      const second = await connect(own.url);
      there = await startTestApp(app, { ...own, database: second, drop: () => second.close() }, { settings });
    });
    after(async () => {
      await there.stop();
      await here.stop();
    });

    let number = 0;
    /** A user with two sessions, whose access tokens both machines have seen. */
    const signedIn = async () => {
      const username = `user${number++}`;
      const { id } = await here.user(username);
      const obtain = async () =>
        (await here.client("POST", "/api/token/", { json: { username, password: `${username}-pass` } })).json;
      const [one, other] = [await obtain(), await obtain()];
      const sent = { id, username, one, other, obtain };
      assert.deepEqual(await statuses(sent), [200, 200, 200, 200]);
      return sent;
    };
    interface Sent {
      readonly one: { readonly access: string };
      readonly other: { readonly access: string };
    }
    const statusOf = async (test: TestApp, access: string) =>
      (await test.client("GET", "/api/v1/me/", { headers: { authorization: `Bearer ${access}` } })).status;
    /** Of both tokens here, then there. */
    const statuses = async ({ one, other }: Sent): Promise<readonly number[]> => [
      await statusOf(here, one.access),
      await statusOf(here, other.access),
      await statusOf(there, one.access),
      await statusOf(there, other.access),
    ];
    const pass = (milliseconds: number) => {
      here.clock.now += milliseconds;
      there.clock.now += milliseconds;
    };
    const run = (sql: string) => there.database.run(defineStatement(sql));

    it("a token that was seen costs no statement until its time has passed, and one after it", async () => {
      const sent = await signedIn();
      statements.count = 0;
      for (let i = 0; i < 10; i++) await statusOf(here, sent.one.access);
      pass(499);
      await statusOf(here, sent.one.access);
      assert.equal(statements.count, 0);
      pass(1);
      for (let i = 0; i < 10; i++) await statusOf(here, sent.one.access);
      assert.equal(statements.count, 1);
    });

    it("a clock that is set back does not make it count for longer", async () => {
      pass(1400 - (here.clock.now % 1000));
      const sent = await signedIn();
      pass(-100);
      statements.count = 0;
      assert.equal(await statusOf(here, sent.one.access), 200);
      assert.equal(statements.count, 1);
    });

    for (const [what, change] of [
      ["is switched off", (id: number) => `update auth_user set is_active = false where id = ${id}`],
      [
        "has another password",
        (id: number) => `update auth_user set password = 'pbkdf2_sha256$1$x$y' where id = ${id}`,
      ],
    ] as const) {
      it(`all tokens of a user who ${what} end half a second later on every machine`, async () => {
        const [sent, bystander] = [await signedIn(), await signedIn()];
        await run(change(sent.id));
        pass(500);
        assert.deepEqual(await statuses(sent), [401, 401, 401, 401]);
        assert.equal(
          (await here.client("POST", "/api/token/refresh/", { json: { refresh: sent.one.refresh } })).status,
          401,
        );
        assert.deepEqual(await statuses(bystander), [200, 200, 200, 200]);
      });
    }

    it("all tokens of a user who is deleted end", async () => {
      const sent = await signedIn();
      await run(`update token_blacklist_outstandingtoken set user_id = null where user_id = ${sent.id}`);
      await run(`delete from auth_user where id = ${sent.id}`);
      pass(500);
      assert.deepEqual(await statuses(sent), [401, 401, 401, 401]);
    });

    it("a flag that is set is seen as well", async () => {
      const sent = await signedIn();
      await run(`update auth_user set is_staff = true where id = ${sent.id}`);
      pass(500);
      const headers = { authorization: `Bearer ${sent.one.access}` };
      assert.equal((await here.client("GET", "/api/v1/me/", { headers })).json.staff, true);
    });

    it("blacklisting ends one session: at once where it was asked, half a second later elsewhere", async () => {
      const sent = await signedIn();
      await here.client("POST", "/api/token/blacklist/", { json: { refresh: sent.one.refresh } });
      assert.deepEqual((await statuses(sent)).slice(0, 2), [401, 200]);
      pass(500);
      assert.deepEqual(await statuses(sent), [401, 200, 401, 200]);
    });

    it("logging out everywhere ends all of them, and what Django would still accept", async () => {
      const [sent, bystander] = [await signedIn(), await signedIn()];
      const headers = { authorization: `Bearer ${sent.one.access}` };
      assert.equal((await here.client("DELETE", "/api/auth/sessions/", { headers })).status, 204);
      assert.deepEqual((await statuses(sent)).slice(0, 2), [401, 401]);
      pass(500);
      assert.deepEqual(await statuses(sent), [401, 401, 401, 401]);
      assert.deepEqual(await statuses(bystander), [200, 200, 200, 200]);
      const [[accepted] = []] = await here.database.all(
        defineStatement(
          `select count(*) from token_blacklist_outstandingtoken o where o.user_id = ${sent.id} and not exists
           (select 1 from token_blacklist_blacklistedtoken b where b.token_id = o.id)`,
          true,
        ),
      );
      assert.equal(Number(accepted), 0);
      assert.equal(await statusOf(here, (await sent.obtain()).access), 200);
    });

    it("a new encoding of the same password, made at a login, ends nothing", async () => {
      const sent = await signedIn();
      const encoding = async () =>
        (
          await here.database.all(defineStatement(`select password from auth_user where id = ${sent.id}`, true))
        )[0]?.[0];
      const before = String(await encoding());
      const costlier = await startTestApp(
        app,
        { url: "", database: there.database, drop: async () => undefined },
        { settings: { passwordIterations: 2 } },
      );
      const login = { json: { username: sent.username, password: `${sent.username}-pass` } };
      assert.equal((await costlier.client("POST", "/api/token/", login)).status, 200);
      await costlier.stop();
      assert.notEqual(await encoding(), before);
      pass(500);
      assert.deepEqual(await statuses(sent), [200, 200, 200, 200]);
      assert.equal(
        (await here.client("POST", "/api/token/refresh/", { json: { refresh: sent.one.refresh } })).status,
        200,
      );
    });

    it("while the database is away what was seen counts for its time, then nobody is known", async () => {
      const sent = await signedIn();
      world.isAway = true;
      assert.equal(await statusOf(here, sent.one.access), 200);
      pass(500);
      assert.equal(await statusOf(here, sent.one.access), 503);
      world.isAway = false;
      assert.equal(await statusOf(here, sent.one.access), 200);
    });

    it("of requests that come while the account is read, none reads it again", async () => {
      const sent = await signedIn();
      pass(500);
      statements.count = 0;
      const all = await Promise.all(Array.from({ length: 20 }, () => statusOf(here, sent.one.access)));
      assert.deepEqual(new Set(all), new Set([200]));
      assert.equal(statements.count, 1);
    });
  });
}

/** A database that can be switched off. */
function perhapsAway(database: Database, world: { readonly isAway: boolean }): Database {
  return new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        if (world.isAway && name !== "close") return Promise.reject(new DatabaseUnavailable("the database is away"));
        return value.apply(target, parameters);
      };
    },
  });
}
