/** Being known over HTTP: tokens from obtaining to revoking, sessions with their forms, Basic. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer } from "../http-client.ts";

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: {
        GET: { run: ({ user }) => ({ name: user?.username }) },
        POST: { run: ({ user }) => ({ name: user?.username }) },
      },
    }),
    whole: endpoint({ permissions: [permission.authenticated()], methods: { GET: { run: ({ user }) => user } } }),
  },
  settings: { accessLifetimeSeconds: 300, refreshLifetimeSeconds: 3600 },
});

/** The cookies that an answer sets, as a request sends them. */
const cookiesOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");

for (const { name, create } of databases) {
  describe(`signing in on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
      for (const username of ["alice", "bob", "carol"]) await test.user(username);
      await test.database.run(defineStatement("update auth_user set is_active = false where username = 'carol'"));
    });
    after(() => test.stop());

    const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
      test.client("POST", path, { json, headers });
    const obtain = async (username = "alice"): Promise<{ access: string; refresh: string }> =>
      (await post("/api/token/", { username, password: `${username}-pass` })).json;
    const refresh = (token: unknown) => post("/api/token/refresh/", { refresh: token });
    const me = (authorization: string, more: Record<string, string> = {}) =>
      test.client("GET", "/api/v1/me/", { headers: { ...(authorization && { authorization }), ...more } });

    it("a name and its password give a pair, of which the access token signs requests in", async () => {
      const { access, refresh: token } = await obtain();
      assert.deepEqual((await me(`Bearer ${access}`)).json, { name: "alice" });
      assert.equal((await me(`Bearer ${token}`)).status, 401);
      assert.equal((await me(`bearer ${access}`)).status, 401);
      assert.equal((await me(`Bearer ${access} x`)).status, 401);
      assert.equal((await me("")).headers.get("www-authenticate"), 'Bearer realm="api"');
    });

    it("an endpoint that answers with the whole user does not tell the password", async () => {
      const basic = `Basic ${Buffer.from("alice:alice-pass").toString("base64")}`;
      const { access } = await obtain();
      for (const authorization of [`Bearer ${access}`, basic]) {
        const { json } = await test.client("GET", "/api/v1/whole/", { headers: { authorization } });
        assert.equal(json.username, "alice");
        assert.equal("password" in json, false);
      }
    });

    it("a wrong password, an unknown name and an inactive account look the same", async () => {
      const answers = await Promise.all([
        post("/api/token/", { username: "alice", password: "wrong" }),
        post("/api/token/", { username: "nobody", password: "alice-pass" }),
        post("/api/token/", { username: "carol", password: "carol-pass" }),
        post("/api/token/", { username: "ALICE", password: "alice-pass" }),
      ]);
      for (const { status, text } of answers) assert.deepEqual([status, text], [401, answers[0]?.text]);
      const empty = await post("/api/token/", {});
      assert.deepEqual([empty.status, Object.keys(empty.json)], [400, ["username", "password"]]);
    });

    it("an access token ends with its time, a refresh token outlives it", async () => {
      const pair = await obtain();
      test.clock.now += 301_000;
      assert.equal((await me(`Bearer ${pair.access}`)).status, 401);
      const renewed = await refresh(pair.refresh);
      assert.equal(renewed.status, 200);
      assert.equal((await me(`Bearer ${renewed.json.access}`)).status, 200);
      test.clock.now += 3_600_000;
      assert.equal((await refresh(renewed.json.refresh)).status, 401);
    });

    it("a refresh token works once; whoever sends it at the same time gets the same successor", async () => {
      const { refresh: token } = await obtain();
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), Array(20).fill(200));
      const successors = new Set(answers.map(({ json }) => json.refresh));
      assert.equal(successors.size, 1);
      assert.notEqual([...successors][0], token);
      assert.equal((await refresh([...successors][0])).status, 200);
    });

    it("a token that was changed, signed otherwise or made for another purpose is refused", async () => {
      const { access, refresh: token } = await obtain();
      const [header = "", payload = "", signature = ""] = access.split(".");
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const forged = encode({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), user_id: 2 });
      for (const bad of [
        ...[
          `${header}.${forged}.${signature}`,
          `${encode({ alg: "none", typ: "JWT" })}.${payload}.`,
          `${encode({ alg: "none" })}.${forged}.x`,
        ],
        ...[
          `${header}.${payload}.`,
          `${header}.${payload}`,
          `${access}x`,
          "",
          ".",
          "..",
          "...",
          "a.b.c",
          "\u00e9",
          "x".repeat(9000),
        ],
      ]) {
        assert.equal((await me(`Bearer ${bad.replace(/[^\x20-\xff]/g, "")}`)).status, 401, bad.slice(0, 40));
        assert.ok([400, 401].includes((await refresh(bad)).status), bad.slice(0, 40));
        assert.ok([400, 401].includes((await post("/api/token/verify/", { token: bad })).status));
      }
      assert.equal((await refresh(access)).status, 401);
      for (const wrong of [null, true, [], {}, [token]]) assert.equal((await refresh(wrong)).status, 400);
    });

    it("verifying tells a valid token, blacklisting ends one, once", async () => {
      const { access, refresh: token } = await obtain();
      assert.deepEqual(
        [
          (await post("/api/token/verify/", { token: access })).status,
          (await post("/api/token/verify/", { token })).status,
        ],
        [200, 200],
      );
      const ends = await Promise.all(
        Array.from({ length: 10 }, () => post("/api/token/blacklist/", { refresh: token })),
      );
      assert.deepEqual(ends.map(({ status }) => status).sort(), [200, ...Array(9).fill(401)]);
      assert.equal((await post("/api/token/verify/", { token })).status, 400);
      assert.equal((await refresh(token)).status, 401);
      assert.equal((await post("/api/token/blacklist/", { refresh: access })).status, 401);
    });

    it("an account that was closed or is gone is known no more, whatever it still holds", async () => {
      const dave = await test.user("dave");
      const pair = await obtain("dave");
      await test.database.run(defineStatement("update auth_user set is_active = false where username = 'dave'"));
      assert.equal((await me(dave.bearer.authorization)).status, 401);
      assert.equal((await refresh(pair.refresh)).status, 401);
      await test.database.run(defineStatement("update token_blacklist_outstandingtoken set user_id = null"));
      await test.database.run(defineStatement("delete from auth_user where username = 'dave'"));
      assert.equal((await me(dave.bearer.authorization)).status, 401);
      assert.equal((await refresh(pair.refresh)).status, 401);
    });

    it("Basic signs one request in", async () => {
      const basic = (pair: string) => me(`Basic ${Buffer.from(pair).toString("base64")}`);
      assert.deepEqual((await basic("bob:bob-pass")).json, { name: "bob" });
      for (const pair of ["bob:wrong", "bob", ":", "", "carol:carol-pass", "nobody:x"])
        assert.equal((await basic(pair)).status, 401, pair);
      for (const value of ["Basic", "Basic x y", "Basic ====", "Basic é"])
        assert.equal((await me(value)).status, 401, value);
    });

    it("a browser signs in with a form, writes with a token beside its cookie, and signs out", async () => {
      const login = "/api-auth/login/";
      const form = (fields: Record<string, string>, cookie: string, path = login, more: Record<string, string> = {}) =>
        test.client("POST", path, {
          body: new URLSearchParams(fields).toString(),
          headers: { accept: "text/html", "content-type": "application/x-www-form-urlencoded", cookie, ...more },
        });
      const page = await test.client("GET", login, { headers: { accept: "text/html" } });
      const before = cookiesOf(page);
      const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page.text)?.[1] ?? "";
      const credentials = { username: "alice", password: "alice-pass", csrfmiddlewaretoken: token };
      assert.equal((await form(credentials, "")).status, 403);
      assert.equal((await form({ ...credentials, csrfmiddlewaretoken: "a".repeat(64) }, before)).status, 403);
      assert.equal((await form(credentials, before, login, { origin: "https://evil.example" })).status, 403);
      assert.equal((await form({ ...credentials, password: "wrong" }, before)).status, 200);
      const signedIn = await form({ ...credentials, next: "//evil.example/\u2603\r\nx" }, before);
      assert.equal(signedIn.status, 302);
      assert.doesNotMatch(signedIn.headers.get("location") ?? "", /evil/);
      const cookie = cookiesOf(signedIn);
      const csrf = /csrftoken=(\w+)/.exec(cookie)?.[1] ?? "";
      assert.match(signedIn.headers.getSetCookie().join("\n"), /sessionid=[^\n]*HttpOnly[^\n]*SameSite=Lax/);
      const session = { cookie };
      assert.deepEqual((await me("", session)).json, { name: "alice" });
      assert.equal((await post("/api/v1/me/", {}, session)).status, 403);
      assert.equal((await post("/api/v1/me/", {}, { ...session, "x-csrftoken": "a".repeat(64) })).status, 403);
      assert.equal(
        (await post("/api/v1/me/", {}, { ...session, "x-csrftoken": csrf, origin: "http://evil.example" })).status,
        403,
      );
      assert.equal((await post("/api/v1/me/", {}, { ...session, "x-csrftoken": csrf })).status, 200);
      await test.database.run(defineStatement("update auth_user set is_active = false where username = 'alice'"));
      assert.equal((await me("", session)).status, 401);
      await test.database.run(defineStatement("update auth_user set is_active = true where username = 'alice'"));
      test.clock.now += 1_209_601_000;
      assert.equal((await me("", session)).status, 401);
      test.clock.now -= 1_209_601_000;
      assert.equal((await me("", session)).status, 200);
      assert.equal((await form({ csrfmiddlewaretoken: csrf }, cookie, "/api-auth/logout/")).status, 302);
      assert.equal((await me("", session)).status, 401);
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
