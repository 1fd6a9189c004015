/** Refresh tokens in turn: one successor, a window for parallel requests, the end of the session for whoever holds a copy. */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { createSigner } from "../../src/auth/tokens/jwt.ts";
import { defineStatement } from "../../src/db/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const me = endpoint({
  permissions: [permission.authenticated()],
  methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
});
const app = defineApp({
  resources: {},
  endpoints: { me },
  settings: { accessLifetimeSeconds: 3600, refreshLifetimeSeconds: 86_400 },
});

const signer = createSigner({ algorithm: "HS256", key: secretKey });
const jtiOf = (token: string): string => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).jti;

for (const { name, create } of databases) {
  describe(`refresh tokens on ${name}`, () => {
    let test: TestApp;
    let aliceId = 0;
    before(async () => {
      test = await startTestApp(app, await create());
      ({ id: aliceId } = await test.user("alice"));
    });
    after(() => test.stop());

    const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
      test.client("POST", path, { json, headers });
    const obtain = async (): Promise<{ access: string; refresh: string }> =>
      (await post("/api/token/", { username: "alice", password: "alice-pass" })).json;
    const refresh = (token: unknown, headers?: Record<string, string>) =>
      post("/api/token/refresh/", { refresh: token }, headers);
    const statusOf = async (access: string) =>
      (await test.client("GET", "/api/v1/me/", { headers: { authorization: `Bearer ${access}` } })).status;
    const rows = (sql: string) => test.database.all(defineStatement(sql, true));
    /** A refresh token as a Django server beside us issues it: with a random key, recorded. */
    const issuedByDjango = async (more: Record<string, unknown> = {}) => {
      const [iat, jti] = [Math.floor(test.clock.now / 1000), randomUUID().replaceAll("-", "")];
      const claims = { token_type: "refresh", exp: iat + 86_400, iat, jti, user_id: aliceId, ...more };
      const token = await signer.sign(claims);
      const [at, expires] = ["2024-06-01 12:00:00", "2099-06-02 12:00:00"];
      await test.database.run(
        defineStatement(
          `insert into token_blacklist_outstandingtoken (token, jti, user_id, created_at, expires_at)
           values ('${token}', '${jti}', ${aliceId}, '${at}', '${expires}')`,
        ),
      );
      const access = await signer.sign({ ...claims, token_type: "access", jti: randomUUID().replaceAll("-", "") });
      return { refresh: token, access };
    };

    it("within the window the same successor comes, with an access token that works", async () => {
      const first = await obtain();
      const { json: second } = await refresh(first.refresh);
      test.clock.now += 9_999;
      const { status, json: again } = await refresh(first.refresh);
      assert.deepEqual([status, again.refresh], [200, second.refresh]);
      assert.notEqual(again.access, second.access);
      assert.equal(await statusOf(again.access), 200);
      assert.deepEqual(test.warnings, []);
    });

    it("a successor that a machine with a slower clock does not take yet is refused, and no fault", async () => {
      const first = await obtain();
      test.clock.now += 5_000;
      const { json: second } = await refresh(first.refresh);
      test.clock.now -= 3_000;
      const { status, json } = await refresh(first.refresh);
      assert.deepEqual([status, json.code], [401, "token_not_valid"]);
      test.clock.now += 3_000;
      assert.equal((await refresh(first.refresh)).json.refresh, second.refresh);
    });

    it("after the window the token ends its session: what came from it is refused, the others' is not", async () => {
      const [first, other] = [await obtain(), await obtain()];
      const { json: second } = await refresh(first.refresh);
      test.clock.now += 10_000;
      assert.equal((await refresh(first.refresh)).status, 401);
      assert.deepEqual(
        [await statusOf(first.access), await statusOf(second.access), (await refresh(second.refresh)).status],
        [401, 401, 401],
      );
      assert.deepEqual([await statusOf(other.access), (await refresh(other.refresh)).status], [200, 200]);
      const told = test.warnings.find(({ event }) => String(event).startsWith("authn_token_reuse"));
      const { event, severity, user, remote } = told ?? {};
      assert.deepEqual(
        [event, severity, user, remote],
        [`authn_token_reuse:${aliceId},${jtiOf(first.refresh)}`, "critical", aliceId, "127.0.0.1"],
      );
    });

    it("an older token than the last ends the session, also within the window", async () => {
      const first = await obtain();
      const { json: second } = await refresh(first.refresh);
      const { json: third } = await refresh(second.refresh);
      assert.equal((await refresh(first.refresh)).status, 401);
      assert.deepEqual([await statusOf(third.access), (await refresh(third.refresh)).status], [401, 401]);
    });

    it("the tables of Django say which tokens were given out, which are used, and whose they are", async () => {
      const first = await obtain();
      const { json: second } = await refresh(first.refresh);
      const found = await rows(`select o.token, o.user_id, b.id is not null from token_blacklist_outstandingtoken o
        left join token_blacklist_blacklistedtoken b on b.token_id = o.id
        where o.jti in ('${jtiOf(first.refresh)}', '${jtiOf(second.refresh)}') order by o.id`);
      assert.deepEqual(
        found.map(([token, user, isListed]) => [token, Number(user), Boolean(isListed)]),
        [
          [first.refresh, aliceId, true],
          [second.refresh, aliceId, false],
        ],
      );
    });

    it("a token that Django has rotated or revoked is refused here", async () => {
      const { refresh: token } = await obtain();
      await test.database.run(
        defineStatement(`insert into token_blacklist_blacklistedtoken (token_id, blacklisted_at)
          select id, created_at from token_blacklist_outstandingtoken where jti = '${jtiOf(token)}'`),
      );
      assert.equal((await refresh(token)).status, 401);
    });

    it("a token that Django issued begins a session: one winner, then reuse ends it", async () => {
      const given = await issuedByDjango({ role: "editor" });
      const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(given.refresh)));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.equal(new Set(answers.map(({ json }) => json.refresh)).size, 1);
      const { access, refresh: next } = answers[0]?.json ?? {};
      assert.equal(JSON.parse(Buffer.from(next.split(".")[1], "base64url").toString()).role, "editor");
      test.clock.now += 10_000;
      assert.equal((await refresh(given.refresh)).status, 401);
      assert.deepEqual([await statusOf(access), (await refresh(next)).status], [401, 401]);
      assert.equal(await statusOf(given.access), 200, "an access token that Django issued has no session");
    });

    it("a token of Django's that says its password ends with it", async () => {
      const [[password] = []] = await rows(`select password from auth_user where id = ${aliceId}`);
      const hash = createHash("md5").update(String(password)).digest("hex").toUpperCase();
      const right = await issuedByDjango({ hash_password: hash });
      const wrong = await issuedByDjango({ hash_password: hash.replace(/./, (digit) => (digit === "0" ? "1" : "0")) });
      assert.deepEqual([await statusOf(right.access), await statusOf(wrong.access)], [200, 401]);
      assert.deepEqual([(await refresh(right.refresh)).status, (await refresh(wrong.refresh)).status], [200, 401]);
    });

    for (const [reason, act] of [
      ["another password", () => test.users.setPassword(aliceId, "alice-pass")],
      [
        "a log-out everywhere",
        async () => {
          const { access } = await obtain();
          const headers = { authorization: `Bearer ${access}` };
          assert.equal((await test.client("DELETE", "/api/auth/sessions/", { headers })).status, 204);
        },
      ],
    ] as const)
      it(`tokens of Django's from before ${reason} end with it, also those it has not recorded`, async () => {
        const recorded = await issuedByDjango();
        const [iat, jti] = [Math.floor(test.clock.now / 1000), randomUUID().replaceAll("-", "")];
        const unrecorded = await signer.sign({ token_type: "refresh", exp: iat + 86_400, iat, jti, user_id: aliceId });
        const undated = await signer.sign({
          token_type: "refresh",
          exp: iat + 86_400,
          jti: `${jti}2`,
          user_id: aliceId,
        });
        assert.equal(await statusOf(recorded.access), 200);
        await act();
        test.clock.now += 1_000;
        assert.equal(await statusOf(recorded.access), 401);
        for (const token of [recorded.refresh, unrecorded, undated]) assert.equal((await refresh(token)).status, 401);
        const [[listed] = []] = await rows(`select count(*) from token_blacklist_blacklistedtoken b
          join token_blacklist_outstandingtoken o on o.id = b.token_id where o.jti = '${jtiOf(recorded.refresh)}'`);
        assert.equal(Number(listed), 1, "Django refuses it, too");
        const later = await issuedByDjango();
        assert.deepEqual([await statusOf(later.access), (await refresh(later.refresh)).status], [200, 200]);
      });

    it("another password takes back what Django would still accept of ours, and leaves no dead session in the list", async () => {
      const [one] = [await obtain(), await obtain()];
      await test.users.setPassword(aliceId, "alice-pass");
      const [[accepted] = []] = await rows(`select count(*) from token_blacklist_outstandingtoken o
        where o.user_id = ${aliceId} and not exists (select 1 from token_blacklist_blacklistedtoken b where b.token_id = o.id)
        and o.jti like '${jtiOf(one.refresh).slice(0, 16)}%'`);
      assert.equal(Number(accepted), 0);
      const { access } = await obtain();
      const { json } = await test.client("GET", "/api/auth/sessions/", {
        headers: { authorization: `Bearer ${access}` },
      });
      assert.equal(json.length, 1);
    });

    it("of a refresh and a revocation at once one comes first, and neither waits for the other", async () => {
      for (let round = 0; round < 10; round++) {
        const { refresh: token } = await obtain();
        const [refreshed, revoked] = await Promise.all([
          refresh(token),
          post("/api/token/blacklist/", { refresh: token }),
        ]);
        assert.deepEqual([refreshed.status, revoked.status].toSorted(), [200, 401]);
        if (refreshed.status === 200) assert.equal(await statusOf(refreshed.json.access), 200);
      }
      assert.deepEqual(test.faults, []);
    });

    it("blacklisting ends the session, and verifying says so of each of its tokens", async () => {
      const { access, refresh: token } = await obtain();
      assert.equal(await statusOf(access), 200);
      assert.equal((await post("/api/token/blacklist/", { refresh: token })).status, 200);
      assert.equal(await statusOf(access), 401);
      for (const each of [access, token]) assert.equal((await post("/api/token/verify/", { token: each })).status, 400);
    });
  });

  describe(`refresh tokens by other settings on ${name}`, () => {
    const started = (settings: Record<string, unknown>) => async () => {
      const test = await startTestApp(app, await create(), { settings });
      await test.user("alice");
      const post = (path: string, json: unknown) => test.client("POST", path, { json });
      const { json } = await post("/api/token/", { username: "alice", password: "alice-pass" });
      const refresh = (token: string) => post("/api/token/refresh/", { refresh: token });
      const statusOf = async (access: string) =>
        (await test.client("GET", "/api/v1/me/", { headers: { authorization: `Bearer ${access}` } })).status;
      return { test, post, refresh, statusOf, pair: json as { access: string; refresh: string } };
    };

    it("a session ends so long after its sign-in, however much it is used", async (t) => {
      const { test, refresh, pair } = await started({ tokenSessionSeconds: 3600, refreshGraceSeconds: 0 })();
      t.after(() => test.stop());
      let token = pair.refresh;
      for (let i = 0; i < 3; i++) {
        test.clock.now += 1_199_000;
        const { status, json } = await refresh(token);
        assert.equal(status, 200);
        token = json.refresh;
      }
      test.clock.now += 2_999;
      const last = await refresh(token);
      assert.equal(last.status, 200);
      test.clock.now += 1;
      const refused = await refresh(last.json.refresh);
      assert.deepEqual([refused.status, refused.json.code], [401, "token_not_valid"]);
    });

    it("without a window the second use ends the session", async (t) => {
      const { test, refresh, statusOf, pair } = await started({ refreshGraceSeconds: 0 })();
      t.after(() => test.stop());
      const { json: second } = await refresh(pair.refresh);
      assert.equal((await refresh(pair.refresh)).status, 401);
      assert.equal(await statusOf(second.access), 401);
    });

    it("without rotation a token is used until it is revoked", async (t) => {
      const { test, post, refresh, statusOf, pair } = await started({ rotateRefreshTokens: false })();
      t.after(() => test.stop());
      const { json: one } = await refresh(pair.refresh);
      const { json: two } = await refresh(pair.refresh);
      assert.deepEqual(
        [Object.keys(one), await statusOf(one.access), await statusOf(two.access)],
        [["access"], 200, 200],
      );
      await post("/api/token/blacklist/", { refresh: pair.refresh });
      assert.deepEqual(
        [(await refresh(pair.refresh)).status, await statusOf(one.access), await statusOf(two.access)],
        [401, 401, 401],
      );
    });

    it("where used tokens stay valid they are still revoked together", async (t) => {
      const { test, post, refresh, statusOf, pair } = await started({ blacklistAfterRotation: false })();
      t.after(() => test.stop());
      const { json: one } = await refresh(pair.refresh);
      const { json: two } = await refresh(pair.refresh);
      assert.notEqual(one.refresh, two.refresh);
      assert.equal((await post("/api/token/blacklist/", { refresh: one.refresh })).status, 200);
      assert.deepEqual(
        [await statusOf(two.access), (await refresh(two.refresh)).status, (await refresh(pair.refresh)).status],
        [401, 401, 401],
      );
      assert.equal((await post("/api/token/verify/", { token: one.refresh })).status, 400);
    });
  });
}
