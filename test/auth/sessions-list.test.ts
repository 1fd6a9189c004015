/** Where somebody is signed in: seen, and ended one by one or together. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { databases } from "../databases.ts";

const ended: string[] = [];
const app = defineApp({
  resources: {},
  settings: { accessLifetimeSeconds: 300, refreshLifetimeSeconds: 86_400 },
  onAuthEvent: ({ name, event }) => name === "session_expired" && ended.push(event),
});
const path = "/api/auth/sessions/";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

for (const { name, create } of databases) {
  describe(`the list of sessions on ${name}`, () => {
    let test: TestApp;
    let users: Record<"alice" | "bob" | "root" | "staff", TestUser>;
    before(async () => {
      test = await startTestApp(app, await create());
      users = {
        alice: await test.user("alice"),
        bob: await test.user("bob"),
        root: await test.user("root", { is_superuser: true }),
        staff: await test.user("staff", { is_staff: true }),
      };
      for (const id of Object.values(users)) await id.client("DELETE", path);
    });
    after(() => test.stop());

    const signIn = async (username: string, userAgent = "curl/8.5.0") => {
      const { json } = await test.client("POST", "/api/token/", {
        json: { username, password: `${username}-pass` },
        headers: { "user-agent": userAgent },
      });
      const headers = { authorization: `Bearer ${json.access}` };
      return {
        refresh: String(json.refresh),
        list: (query = "") => test.client("GET", `${path}${query}`, { headers }),
        end: (rest = "") => test.client("DELETE", `${path}${rest}`, { headers }),
      };
    };
    const refresh = async (token: string) =>
      (await test.client("POST", "/api/token/refresh/", { json: { refresh: token } })).status;

    it("says since when, until when, from where and with what, and which one asks", async () => {
      await signIn("alice", firefox);
      test.clock.now += 60_000;
      const phone = await signIn("alice", iphone);
      const { status, json } = await phone.list();
      assert.equal(status, 200);
      const [first, second] = json;
      assert.deepEqual(first, {
        ...{ id: first.id, created_at: "2024-06-01T12:01:00Z", last_used_at: "2024-06-01T12:01:00Z" },
        ...{ expires_at: "2024-06-02T12:01:00Z", address: "127.0.0.1", device: "Safari on iPhone" },
        ...{ user_agent: iphone, current: true },
      });
      assert.deepEqual([second.device, second.current, json.length], ["Firefox on Linux", false, 2]);
      await phone.end();
    });

    it("a refresh is the last use; other requests are not", async () => {
      const one = await signIn("alice");
      const created = (await one.list()).json[0].created_at;
      test.clock.now += 120_000;
      assert.equal((await one.list()).json[0].last_used_at, created);
      await refresh(one.refresh);
      const [session] = (await one.list()).json;
      assert.equal(Date.parse(session.last_used_at) - Date.parse(created), 120_000);
      assert.equal(session.device, "node");
      await one.end();
    });

    it("one is ended; the others go on, and what is not there or another's is a 404", async () => {
      const [one, two, bobs] = [await signIn("alice"), await signIn("alice"), await signIn("bob")];
      const { id } = (await one.list()).json.find(({ current }: { current: boolean }) => current);
      const bobsId = (await bobs.list()).json[0].id;
      assert.equal((await two.end(`${bobsId}/`)).status, 404);
      assert.equal((await two.end("0123456789ab8def/")).status, 404);
      for (const key of ["%00", "a%00b", "x"]) assert.equal((await two.end(`${key}/`)).status, 404);
      assert.equal((await two.end(`${id}/`)).status, 204);
      assert.equal((await two.end(`${id}/`)).status, 404);
      assert.deepEqual([(await one.list()).status, await refresh(one.refresh)], [401, 401]);
      assert.deepEqual([(await two.list()).json.length, await refresh(two.refresh)], [1, 200]);
      assert.equal((await bobs.list()).status, 200);
      await two.end();
      await bobs.end();
    });

    it("all others are ended, or all", async () => {
      const [one, two, three] = [await signIn("alice"), await signIn("alice"), await signIn("alice")];
      assert.equal((await one.end("?others=true")).status, 204);
      assert.deepEqual(
        [
          (await one.list()).json.length,
          (await two.list()).status,
          (await three.list()).status,
          await refresh(two.refresh),
        ],
        [1, 401, 401, 401],
      );
      assert.equal(await refresh(one.refresh), 200);
      assert.equal((await one.end()).status, 204);
      assert.equal((await one.list()).status, 401);
      const { id } = users.alice;
      assert.deepEqual(ended.splice(0).slice(-2), [`session_expired:${id},others`, `session_expired:${id},all`]);
    });

    it("Basic has no session of its own: it may end all, and is told so of the others", async () => {
      const one = await signIn("alice");
      const headers = { authorization: `Basic ${Buffer.from("alice:alice-pass").toString("base64")}` };
      assert.equal((await test.client("DELETE", `${path}?others=true`, { headers })).status, 400);
      assert.equal((await test.client("DELETE", `${path}?others=yes`, { headers })).status, 400);
      assert.equal((await test.client("GET", path, { headers })).json[0].current, false);
      assert.equal((await test.client("DELETE", path, { headers })).status, 204);
      assert.equal((await one.list()).status, 401);
    });

    it("another's are for superusers, and for staff who may view or delete outstanding tokens", async () => {
      const [alice, bob] = [await signIn("alice"), await signIn("bob")];
      const [root, staff] = [await signIn("root"), await signIn("staff")];
      const query = `?user=${users.alice.id}`;
      assert.deepEqual(
        [(await bob.list(query)).status, (await bob.end(query)).status, (await staff.list(query)).status],
        [403, 403, 403],
      );
      await test.database.run(
        defineStatement(`insert into auth_user_user_permissions (user_id, permission_id)
          select ${users.staff.id}, id from auth_permission where codename = 'view_outstandingtoken'`),
      );
      assert.deepEqual([(await staff.list(query)).json.length, (await staff.end(query)).status], [1, 403]);
      assert.equal((await root.list("?user=x")).status, 400);
      const [{ id, current }] = (await root.list(query)).json;
      assert.equal(current, false);
      assert.equal((await root.end(`${id}/${query}`)).status, 204);
      assert.deepEqual(ended.splice(0).slice(-1), [`session_expired:${users.alice.id},${id},by ${users.root.id}`]);
      assert.equal((await alice.list()).status, 401);
      assert.equal((await root.list()).status, 200);
    });

    it("a person sees a page of them", async () => {
      const { client } = users.root;
      await signIn("root", firefox);
      const basic = `Basic ${Buffer.from("root:root-pass").toString("base64")}`;
      const headers = { accept: "text/html", authorization: basic };
      assert.equal((await client("GET", path)).status, 401, "its session was ended above");
      const page = await test.client("GET", path, { headers });
      assert.equal(page.status, 200);
      assert.match(page.text, /Session List[\s\S]*Firefox on Linux/);
    });

    it("a session that has expired is not listed, and somebody unknown sees nothing", async () => {
      await signIn("bob");
      test.clock.now += 86_400_000;
      const later = await signIn("bob");
      assert.equal((await later.list()).json.length, 1);
      assert.equal((await test.client("GET", path)).status, 401);
    });
  });
}

it("an app that does not want the list has no route for it", async (t) => {
  const [sqlite] = databases;
  assert.ok(sqlite);
  const test = await startTestApp(app, await sqlite.create(), { settings: { sessionEndpoints: false } });
  t.after(() => test.stop());
  assert.equal((await test.client("GET", path)).status, 404);
});
