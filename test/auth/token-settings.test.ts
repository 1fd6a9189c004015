/** What the settings of SimpleJWT do here: headers, claims, leeway, sliding tokens, the profile of RFC 9068. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, start, startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { forge, hmac, readToken } from "./forge.ts";

const app = defineApp({
  resources: {},
  endpoints: {
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
    }),
  },
});
const right = hmac(secretKey);
const seconds = start / 1000;

for (const { name, create } of databases) {
  describe(`settings of tokens, on ${name}`, () => {
    const running: TestApp[] = [];
    after(() => Promise.all(running.map((test) => test.stop())));
    /** An app with settings, alice, and her pair. */
    const arrange = async (settings: Readonly<Record<string, unknown>>) => {
      const test = await startTestApp(app, await create(), { settings });
      running.push(test);
      const alice = await test.user("alice");
      const post = (path: string, json: unknown) => test.client("POST", `/api/token/${path}`, { json });
      const pair: { access: string; refresh: string } = (await post("", { username: "alice", password: "alice-pass" }))
        .json;
      const me = (headers: Readonly<Record<string, string>>) => test.client("GET", "/api/v1/me/", { headers });
      return { test, alice, post, me, ...pair };
    };

    it("AUTH_HEADER_TYPES: each word is taken, the first one is the challenge", async () => {
      const { me, access } = await arrange({ authHeaderTypes: ["JWT", "Bearer"] });
      for (const word of ["JWT", "Bearer"])
        assert.equal((await me({ authorization: `${word} ${access}` })).status, 200);
      const refused = await me({ authorization: `Token ${access}` });
      assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, 'JWT realm="api"']);
    });

    it("AUTH_HEADER_NAME: the token stands in that header alone, in either spelling", async () => {
      const { me, access } = await arrange({ authHeaderName: "HTTP_X_ACCESS_TOKEN" });
      const { status, headers } = await me({ "x-access-token": `Bearer ${access}` });
      assert.equal(status, 200);
      assert.match(headers.get("vary") ?? "", /x-access-token/);
      assert.equal((await me({ authorization: `Bearer ${access}` })).status, 401);
    });

    it("AUDIENCE and ISSUER are said and asked for", async () => {
      const { me, access, refresh } = await arrange({ audience: ["api"], issuer: "us" });
      for (const token of [access, refresh]) {
        const { aud, iss } = readToken(token).claims;
        assert.deepEqual([aud, iss], ["api", "us"]);
      }
      assert.equal((await me({ authorization: `Bearer ${access}` })).status, 200);
      const two = await arrange({ audience: ["api", "admin"] });
      assert.deepEqual(readToken(two.access).claims.aud, ["api", "admin"]);
      assert.equal((await two.post("refresh/", { refresh: two.refresh })).status, 200);
    });

    it("USER_ID_CLAIM, TOKEN_TYPE_CLAIM and JTI_CLAIM name claims; the usual names then say nothing", async () => {
      const { me, post, access, refresh, alice } = await arrange({
        userIdClaim: "sub",
        tokenTypeClaim: "kind",
        jtiClaim: "id",
        refreshGraceSeconds: 0,
      });
      const { claims } = readToken(access);
      assert.deepEqual(Object.keys(claims), ["kind", "exp", "iat", "id", "sub"]);
      assert.deepEqual([claims.kind, claims.sub], ["access", String(alice.id)]);
      assert.equal((await me({ authorization: `Bearer ${access}` })).status, 200);
      const ask = (claims: object) => me({ authorization: `Bearer ${forge({ alg: "HS256" }, claims, right)}` });
      const usual = { exp: seconds + 60, token_type: "access", jti: "a", user_id: alice.id };
      assert.equal((await ask(usual)).status, 401);
      assert.equal((await ask({ ...usual, kind: "access", id: "a" })).status, 401);
      assert.equal((await ask({ exp: seconds + 60, kind: "access", id: "a", sub: `${alice.id}` })).status, 200);
      const renewed = await post("refresh/", { refresh });
      assert.deepEqual(Object.keys(readToken(renewed.json.access).claims), ["kind", "exp", "iat", "id", "sub"]);
      assert.equal((await post("refresh/", { refresh })).status, 401, "used already");
    });

    it("USER_ID_FIELD: accounts are named by their usernames", async () => {
      const { me, post, access, refresh } = await arrange({ userIdField: "username" });
      assert.equal(readToken(access).claims.user_id, "alice");
      assert.deepEqual((await me({ authorization: `Bearer ${access}` })).json, { name: "alice" });
      assert.equal((await post("refresh/", { refresh })).status, 200);
      for (const user_id of ["nobody", 1, null, "", "a\0"]) {
        const token = forge({ alg: "HS256" }, { ...readToken(access).claims, user_id }, right);
        assert.equal((await me({ authorization: `Bearer ${token}` })).status, 401);
      }
    });

    it("UPDATE_LAST_LOGIN: a sign-in is noted with the account, a refresh is not", async () => {
      const { test, alice, post, refresh } = await arrange({ updateLastLogin: true });
      const noted = async () => (await test.users.byId(alice.id))?.last_login;
      assert.equal(Date.parse(String(await noted())), start);
      test.clock.now += 10_000;
      await post("refresh/", { refresh });
      assert.equal(Date.parse(String(await noted())), start);
      await post("", { username: "alice", password: "wrong" });
      assert.equal(Date.parse(String(await noted())), start);
      const without = await arrange({});
      assert.equal((await without.test.users.byId(without.alice.id))?.last_login, null);
    });

    it("sliding tokens are off: no route, and none is accepted", async () => {
      const { post, me, alice } = await arrange({});
      for (const path of ["sliding/", "sliding/refresh/"]) assert.equal((await post(path, {})).status, 404);
      const claims = {
        token_type: "sliding",
        exp: seconds + 60,
        refresh_exp: seconds + 600,
        jti: "a",
        user_id: alice.id,
      };
      assert.equal((await me({ authorization: `Bearer ${forge({ alg: "HS256" }, claims, right)}` })).status, 401);
    });

    it("a sliding token signs in, gets new times, and ends with the time of its refreshes", async () => {
      const settings = { slidingTokens: true, slidingLifetimeSeconds: 300, slidingRefreshLifetimeSeconds: 3600 };
      const { test, post, me, refresh, access } = await arrange(settings);
      const obtained = await post("sliding/", { username: "alice", password: "alice-pass" });
      assert.equal(obtained.headers.get("cache-control"), "no-store");
      assert.deepEqual(Object.keys(obtained.json), ["token"]);
      let { token } = obtained.json;
      const { exp, refresh_exp, token_type } = readToken(token).claims;
      assert.deepEqual([token_type, exp, refresh_exp], ["sliding", seconds + 300, seconds + 3600]);
      assert.equal((await me({ authorization: `Bearer ${token}` })).status, 200);
      for (const other of [refresh, access])
        assert.equal((await post("sliding/refresh/", { token: other })).status, 401);
      assert.equal((await post("refresh/", { refresh: token })).status, 401);
      for (;;) {
        test.clock.now += 290_000;
        const renewed = await post("sliding/refresh/", { token });
        if (renewed.status !== 200) break;
        ({ token } = renewed.json);
        assert.equal(readToken(token).claims.refresh_exp, refresh_exp);
        assert.equal((await me({ authorization: `Bearer ${token}` })).status, 200);
      }
      assert.equal(test.clock.now, start + 13 * 290_000);
      assert.equal((await me({ authorization: `Bearer ${token}` })).status, 200, "its last five minutes");
      test.clock.now += 10_000;
      assert.equal((await me({ authorization: `Bearer ${token}` })).status, 401);
    });

    it("a sliding token without a time of its refreshes is not refreshed", async () => {
      const { post, alice } = await arrange({ slidingTokens: true });
      for (const refresh_exp of [undefined, null, "9999999999", true, {}, seconds, seconds - 1]) {
        const claims = { token_type: "sliding", exp: seconds + 60, refresh_exp, jti: "a", user_id: alice.id };
        const { status } = await post("sliding/refresh/", { token: forge({ alg: "HS256" }, claims, right) });
        assert.equal(status, 401, JSON.stringify(refresh_exp));
      }
    });

    it("RFC 9068: access tokens are of the type at+jwt, and no other is one", async () => {
      const settings = { tokenProfile: "rfc9068", issuer: "https://us", audience: ["api"], clientId: "web" };
      const { me, post, access, refresh, alice } = await arrange(settings);
      const { header, claims } = readToken(access);
      assert.equal(header.typ, "at+jwt");
      assert.deepEqual(
        [claims.iss, claims.aud, claims.sub, claims.client_id, typeof claims.iat, typeof claims.jti],
        ["https://us", "api", String(alice.id), "web", "number", "string"],
      );
      const ask = (typ: unknown, said: object) =>
        me({ authorization: `Bearer ${forge({ alg: "HS256", typ }, said, right)}` });
      for (const typ of ["at+jwt", "AT+JWT", "application/at+jwt"]) assert.equal((await ask(typ, claims)).status, 200);
      for (const typ of ["JWT", "jwt", "", null, undefined, ["at+jwt"]])
        assert.equal((await ask(typ, claims)).status, 401);
      for (const claim of ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"])
        assert.equal((await ask("at+jwt", { ...claims, [claim]: undefined })).status, 401, claim);
      assert.equal((await me({ authorization: `Bearer ${refresh}` })).status, 401);
      const renewed = await post("refresh/", { refresh });
      assert.equal(readToken(renewed.json.access).header.typ, "at+jwt");
      assert.equal(readToken(renewed.json.refresh).header.typ, "JWT");
    });

    it("RFC 6750: where it is asked for, the challenge says that the token is wrong, and only where one was sent", async () => {
      const { me, access } = await arrange({ bearerErrors: true });
      const challenge = async (headers: Readonly<Record<string, string>>) =>
        (await me(headers)).headers.get("www-authenticate");
      assert.equal(await challenge({}), 'Bearer realm="api"');
      assert.equal(
        await challenge({ authorization: `Bearer ${access}x` }),
        'Bearer realm="api", error="invalid_token"',
      );
      assert.equal(await challenge({ authorization: "Bearer" }), 'Bearer realm="api", error="invalid_token"');
    });

    const wrong: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, RegExp]>> = {
      "an algorithm that there is not": [{ algorithm: "none" }, /algorithm="none" \(app file\): expected HS256/],
      "the profile without an issuer": [
        { tokenProfile: "rfc9068" },
        /JWT_ISSUER: must be set with JWT_PROFILE=rfc9068/,
      ],
      "two claims of one name": [{ userIdClaim: "jti" }, /JWT_USER_ID_CLAIM: expected another name/],
      "a claim with another meaning": [{ jtiClaim: "exp" }, /JWT_JTI_CLAIM: expected another name/],
      "no word for the header": [{ authHeaderTypes: [] }, /authHeaderTypes/],
      "a word with a line end": [{ authHeaderTypes: ["Bearer\r\nX: y"] }, /authHeaderTypes/],
      "a header with a blank": [{ authHeaderName: "X Token" }, /authHeaderName/],
      "a negative leeway": [{ leewaySeconds: -1 }, /leewaySeconds=-1/],
      "a setting that there is not here": [{ jwkUrl: "https://us" }, /jwkUrl \(app file\): is not a setting/],
      "a setting in the spelling of Django": [{ SIGNING_KEY: "x" }, /SIGNING_KEY \(app file\): is not a setting/],
    };
    for (const [what, [settings, message]] of Object.entries(wrong)) {
      it(`${what} ends the start`, async () => {
        await assert.rejects(
          async () => running.push(await startTestApp(app, await create(), { settings })),
          (error) => error instanceof ConfigurationError && message.test(error.message),
        );
      });
    }
  });
}
