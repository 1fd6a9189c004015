/** Sessions over HTTP: when they end, what they take along, and what their cookies are called. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { createSessionCodec, type SessionData } from "../../src/auth/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer } from "../http-client.ts";

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
    }),
  },
});

const cookies = ({ headers }: Answer): Map<string, string> =>
  new Map(headers.getSetCookie().map((line) => (line.split(";", 1)[0] ?? "").split("=", 2) as [string, string]));

const minutes = 60_000;

for (const { name, create } of databases) {
  describe(`a session on ${name}`, () => {
    const tests: TestApp[] = [];
    after(() => Promise.all(tests.map((test) => test.stop())));

    const start = async (settings: Readonly<Record<string, unknown>> = {}) => {
      const test = await startTestApp(app, await create(), { settings });
      tests.push(test);
      await test.user("alice");
      await test.user("bob");
      const csrfName = String(settings.csrfCookieName ?? "csrftoken");
      const sessionName = String(settings.sessionCookieName ?? "sessionid");
      const page = await test.client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
      const csrf = cookies(page).get(csrfName) ?? "";
      const codec = createSessionCodec({ secretKey, now: () => test.clock.now });
      return {
        test,
        /** Signs in, with a session that the browser has already. @returns the new key */
        async login(username: string, previous?: string): Promise<Answer & { key: string }> {
          const form = { username, password: `${username}-pass`, csrfmiddlewaretoken: csrf };
          const answer = await test.client("POST", "/api-auth/login/", {
            headers: {
              cookie: `${csrfName}=${csrf}${previous === undefined ? "" : `; ${sessionName}=${previous}`}`,
              accept: "text/html",
              "content-type": "application/x-www-form-urlencoded",
            },
            body: new URLSearchParams(form).toString(),
          });
          assert.equal(answer.status, 302, answer.text);
          return { ...answer, key: cookies(answer).get(sessionName) ?? "" };
        },
        me: async (key: string) =>
          (await test.client("GET", "/api/v1/me/", { headers: { cookie: `${sessionName}=${key}` } })).json.name,
        async keep(key: string, data: SessionData): Promise<void> {
          const end = test.database.dialect === "sqlite" ? "2100-01-01 00:00:00" : "2100-01-01T00:00:00Z";
          const insert = `insert into django_session (session_key, session_data, expire_date)
            values ('${key}', '${codec.encode(data)}', '${end}')`;
          await test.database.run(defineStatement(insert));
        },
        async held(key: string): Promise<SessionData | undefined> {
          const select = `select session_data from django_session where session_key = '${key}'`;
          const row = await test.database.get(defineStatement(select, true));
          return row && codec.decode(String(row[0]));
        },
      };
    };

    it("ends so long after the login, however much it is used", async () => {
      const { test, login, me } = await start({ sessionLifetimeSeconds: 3600 });
      const { key } = await login("alice");
      for (let i = 0; i < 5; i++) {
        assert.equal(await me(key), "alice");
        test.clock.now += 10 * minutes;
      }
      test.clock.now += 11 * minutes;
      assert.equal(await me(key), undefined);
    });

    it("ends when it was not used for so long, where that is set", async () => {
      const { test, login, me } = await start({ sessionIdleSeconds: 600, sessionLifetimeSeconds: 3600 });
      const { key } = await login("alice");
      for (let i = 0; i < 5; i++) {
        test.clock.now += 9 * minutes;
        assert.equal(await me(key), "alice");
      }
      test.clock.now += 9 * minutes;
      assert.equal(await me(key), "alice");
      test.clock.now += 7 * minutes;
      assert.equal(await me(key), undefined, "an hour is over");
      const second = await login("alice");
      test.clock.now += 11 * minutes;
      assert.equal(await me(second.key), undefined);
    });

    it("is one under another key after a login, and takes along what a visitor's session held", async () => {
      const { login, me, keep, held } = await start();
      await keep("visitor", { cart: [7, 8] });
      const { key } = await login("alice", "visitor");
      assert.notEqual(key, "visitor");
      assert.equal(await held("visitor"), undefined);
      assert.deepEqual((await held(key))?.cart, [7, 8]);
      assert.equal(await me(key), "alice");
      const again = await login("alice", key);
      assert.deepEqual((await held(again.key))?.cart, [7, 8]);
      assert.equal(await me(key), undefined);
    });

    it("takes nothing along from another user's", async () => {
      const { login, keep, held, me } = await start();
      await keep("visitor", { cart: [7] });
      const alice = await login("alice", "visitor");
      const bob = await login("bob", alice.key);
      assert.equal((await held(bob.key))?.cart, undefined);
      assert.equal(await me(alice.key), undefined);
      assert.equal(await me(bob.key), "bob");
    });

    it("is never one whose key a browser brought along", async () => {
      const { login, me, held } = await start();
      const { key } = await login("alice", "chosenbysomebody");
      assert.notEqual(key, "chosenbysomebody");
      assert.equal(await held("chosenbysomebody"), undefined);
      assert.equal(await me("chosenbysomebody"), undefined);
    });

    it("has the cookies' names and domains that are set", async () => {
      const { login, me } = await start({
        sessionCookieName: "shop_session",
        sessionCookieDomain: ".example.com",
        csrfCookieName: "shop_csrf",
      });
      const { key, headers } = await login("alice");
      assert.equal(await me(key), "alice");
      const [line] = headers.getSetCookie().filter((one) => one.startsWith("shop_session="));
      assert.match(line ?? "", /Domain=\.example\.com; .*HttpOnly; Max-Age=1209600; Path=\/; SameSite=Lax$/);
      assert.equal(
        headers.getSetCookie().some((one) => one.startsWith("shop_csrf=")),
        true,
      );
    });
  });
}
