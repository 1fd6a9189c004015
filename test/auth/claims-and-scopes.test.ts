/** Claims of an app's own, the scopes among them, and what a token that lacks one is told. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import type { CustomClaims } from "../../src/auth/index.ts";
import { User } from "../../src/auth/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { endpoint, type Permission, permission } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { readToken } from "./forge.ts";

const me = { GET: { run: ({ user }: { user?: { id: number } }) => ({ id: user?.id }) } };
const inTeam: Permission = {
  name: "in the team",
  check: ({ claims }) => Array.isArray(claims?.teams) && claims.teams.includes("red"),
};
const app = defineApp({
  resources: {},
  endpoints: {
    orders: endpoint({ permissions: [permission.scope("orders:read")], methods: me }),
    write: endpoint({
      permissions: [permission.authenticated(), permission.scope("orders:write", { unscoped: "allow" })],
      methods: me,
    }),
    either: endpoint({
      permissions: [permission.any(permission.scope("orders:write"), permission.admin())],
      methods: me,
    }),
    team: endpoint({ permissions: [inTeam], methods: me }),
  },
  tokens: {
    claims: async ({ id, username, is_staff }, { table }) => ({
      scope: is_staff ? "orders:read orders:write" : username === "carol" ? undefined : "orders:read",
      teams: (await table(User).find(id))?.email === "red@example.com" ? ["red"] : [],
    }),
  },
  settings: { authenticators: ["jwt", "session", "basic"] },
});

for (const { name, create } of databases) {
  describe(`claims of an app's own, on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(() => test.stop());

    const get = (path: string, headers: Readonly<Record<string, string>>) =>
      test.client("GET", `/api/v1/${path}/`, { headers });
    const pairOf = async (username: string) =>
      (await test.client("POST", "/api/token/", { json: { username, password: `${username}-pass` } })).json;

    it("stand in both tokens, behind ours", async () => {
      await test.user("alice", { email: "red@example.com" });
      const { access, refresh } = await pairOf("alice");
      for (const token of [access, refresh]) {
        const { claims } = readToken(token);
        assert.deepEqual(Object.keys(claims), ["token_type", "exp", "iat", "jti", "user_id", "scope", "teams"]);
        assert.deepEqual([claims.scope, claims.teams], ["orders:read", ["red"]]);
      }
    });

    it("are what permissions look at", async () => {
      const dora = await test.user("dora", { email: "red@example.com" });
      const eve = await test.user("eve");
      assert.equal((await get("team", dora.bearer)).status, 200);
      assert.equal((await get("team", eve.bearer)).status, 403);
    });

    it("are asked again with every refresh, so what was taken away is gone", async () => {
      const frank = await test.user("frank", { is_staff: true });
      const { refresh } = await pairOf("frank");
      await test.database.run(
        defineStatement(`update auth_user set is_staff = false, username = 'carol' where id = ${frank.id}`),
      );
      const { json } = await test.client("POST", "/api/token/refresh/", { json: { refresh } });
      for (const token of [json.access, json.refresh]) assert.ok(!("scope" in readToken(token).claims));
    });

    it("are gone as well where the hook does not name them any more", async (t) => {
      const says = defineApp({
        resources: {},
        tokens: { claims: ({ is_staff }) => (is_staff ? { scope: "all", team: "red" } : {}) },
        settings: { slidingTokens: true },
      });
      const own = await startTestApp(says, await create());
      t.after(() => own.stop());
      const { username, password, id } = await own.user("frank", { is_staff: true });
      const post = async (path: string, json: unknown) =>
        (await own.client("POST", `/api/token/${path}`, { json })).json;
      const pair = await post("", { username, password });
      const { token } = await post("sliding/", { username, password });
      await own.database.run(defineStatement(`update auth_user set is_staff = false where id = ${id}`));
      const next = await post("refresh/", { refresh: pair.refresh });
      const slid = await post("sliding/refresh/", { token });
      for (const text of [next.access, next.refresh, slid.token]) {
        const { claims } = readToken(text);
        assert.equal(claims.user_id, id);
        assert.deepEqual(["scope" in claims, "team" in claims], [false, false]);
      }
    });

    it("a scope opens what it names, and its lack is told as RFC 6750 asks", async () => {
      const gina = await test.user("gina");
      const hugo = await test.user("hugo", { is_staff: true });
      assert.equal((await get("orders", gina.bearer)).status, 200);
      assert.equal((await get("write", hugo.bearer)).status, 200);
      const refused = await get("write", gina.bearer);
      assert.equal(refused.status, 403);
      assert.equal(
        refused.headers.get("www-authenticate"),
        'Bearer realm="api", error="insufficient_scope", scope="orders:write"',
      );
      assert.deepEqual(refused.json, { detail: "This needs the scope orders:write." });
      assert.equal((await get("either", hugo.bearer)).status, 200);
      assert.match((await get("either", gina.bearer)).headers.get("www-authenticate") ?? "", /insufficient_scope/);
      const unknown = await get("orders", {});
      assert.deepEqual([unknown.status, unknown.headers.get("www-authenticate")], [401, 'Bearer realm="api"']);
    });

    it("credentials without scopes are let through only where that is said", async () => {
      await test.user("ivan");
      const basic = { authorization: `Basic ${Buffer.from("ivan:ivan-pass").toString("base64")}` };
      assert.equal((await get("write", basic)).status, 200);
      const refused = await get("orders", basic);
      assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [403, null]);
    });

    it("no answer with a token is kept by anything between", async () => {
      await test.user("jane");
      const pair = await test.client("POST", "/api/token/", { json: { username: "jane", password: "jane-pass" } });
      const renewed = await test.client("POST", "/api/token/refresh/", { json: { refresh: pair.json.refresh } });
      for (const { headers } of [pair, renewed]) assert.equal(headers.get("cache-control"), "no-store");
    });

    for (const claim of ["exp", "user_id", "token_type", "jti", "iss", "aud", "sub", "cnf"]) {
      it(`a hook that says "${claim}" is a fault of the app, and gives no token`, async () => {
        const claims = (): CustomClaims => JSON.parse(`{"${claim}": 1}`);
        const wrong = await startTestApp(defineApp({ resources: {}, tokens: { claims } }), await create());
        try {
          await assert.rejects(wrong.user("alice"), /got 500/);
          assert.ok(wrong.faults[0] instanceof ConfigurationError);
          assert.match(wrong.faults[0].message, new RegExp(`tokens\\.claims: the claim "${claim}" is reserved`));
        } finally {
          await wrong.stop();
        }
      });
    }
  });
}

describe("what is refused when it is declared", () => {
  it("a scope with a blank, a quote or nothing in it", () => {
    for (const name of ["", "a b", 'a"', "a\\", "ä", "a\r\nb"])
      assert.throws(() => permission.scope(name), ConfigurationError);
  });
  it("an unknown option of tokens", () => {
    const options: object = { resources: {}, tokens: { claim: () => ({}) } };
    assert.throws(() => defineApp(options as Parameters<typeof defineApp>[0]), /app, tokens.*"claim".*claims/);
  });
});
