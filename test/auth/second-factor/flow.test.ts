/** The second factor as people meet it: set up, asked for at each way of signing in, lost, and guessed at. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../../src/app/index.ts";
import { codeOf, stepAt } from "../../../src/auth/second-factor/totp.ts";
import { defineStatement } from "../../../src/db/index.ts";
import type { Mail } from "../../../src/mail/index.ts";
import { endpoint, permission } from "../../../src/resource/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../../app.ts";
import { databases } from "../../databases.ts";
import { fromBase32 } from "./base32.ts";

const endpoints = {
  me: endpoint({
    permissions: [permission.authenticated()],
    methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
  }),
};
const app = defineApp({ title: "Shop", resources: {}, endpoints, secondFactor: true });

for (const { name, create } of databases) {
  describe(`the second factor on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create(), { settings: { slidingTokens: true, tokenCookies: true } });
    });
    after(() => test.stop());

    const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
      test.client("POST", `/api/${path}`, { json, headers });
    const codeNow = (secret: Buffer) => codeOf(secret, stepAt(test.clock.now));
    /** A code of the future, since each counts once. */
    const nextCode = (secret: Buffer) => {
      test.clock.now += 30_000;
      return codeNow(secret);
    };
    let users = 0;
    /** A user with a second factor, whose secret and recovery codes these are. */
    const secured = async () => {
      users++;
      const user = await test.user(`user${users}`);
      const setup = await post("second-factor/setup/", { password: user.password }, user.bearer);
      assert.equal(setup.status, 200, setup.text);
      const secret = fromBase32(setup.json.secret);
      const confirmed = await post("second-factor/confirm/", { code: nextCode(secret) }, user.bearer);
      assert.equal(confirmed.status, 200, confirmed.text);
      return { user, secret, recoveryCodes: confirmed.json.recovery_codes as readonly string[] };
    };
    const obtain = ({ username, password }: TestUser) => post("token/", { username, password });
    const challengeOf = async (user: TestUser): Promise<string> => (await obtain(user)).json.challenge;
    const answer = (challenge: string, code: string) => post("token/second-factor/", { challenge, code });
    const me = (headers: Record<string, string>) => test.client("GET", "/api/v1/me/", { headers });

    it("is asked of nobody who has none", async () => {
      const user = await test.user("plain");
      assert.deepEqual(Object.keys((await obtain(user)).json), ["refresh", "access"]);
      const state = await test.client("GET", "/api/second-factor/", { headers: user.bearer });
      assert.deepEqual(state.json, { enabled: false, recovery_codes_left: 0 });
    });

    it("is set up with the password, a picture, and a first code", async () => {
      const user = await test.user("setting-up");
      const wrong = await post("second-factor/setup/", { password: "another" }, user.bearer);
      assert.deepEqual([wrong.status, Object.keys(wrong.json)], [400, ["password"]]);
      const { json } = await post("second-factor/setup/", { password: user.password }, user.bearer);
      assert.match(json.uri, /^otpauth:\/\/totp\/Shop:setting-up\?secret=[A-Z2-7]{32}&issuer=Shop$/);
      assert.match(Buffer.from(json.qr.split(",")[1], "base64").toString(), /^<svg /);
      assert.deepEqual(Object.keys((await obtain(user)).json), ["refresh", "access"], "not confirmed yet");
      const secret = fromBase32(json.secret);
      const bad = String((Number(codeNow(secret)) + 1) % 1_000_000).padStart(6, "0");
      assert.equal((await post("second-factor/confirm/", { code: bad }, user.bearer)).status, 400);
      const { json: confirmed } = await post("second-factor/confirm/", { code: codeNow(secret) }, user.bearer);
      assert.equal(new Set(confirmed.recovery_codes).size, 10);
      const again = await post("second-factor/setup/", { password: user.password }, user.bearer);
      assert.deepEqual([again.status, Object.keys(again.json)], [400, ["non_field_errors"]]);
      const stored = await test.database.all(
        defineStatement(`select secret from drf_auth_second_factor where user_id = ${user.id}`, true),
      );
      assert.equal(String(stored[0]?.[0]).includes(secret.toString("base64url")), false);
    });

    it("gives a challenge for the password, and tokens for a code, once", async () => {
      const { user, secret } = await secured();
      const first = await obtain(user);
      assert.deepEqual([first.status, first.json.code], [401, "second_factor_required"]);
      const code = nextCode(secret);
      const { status, json } = await answer(first.json.challenge, code);
      assert.deepEqual([status, Object.keys(json)], [200, ["refresh", "access"]]);
      assert.deepEqual((await me({ authorization: `Bearer ${json.access}` })).json, { name: user.username });
      assert.equal((await answer(await challengeOf(user), code)).status, 401, "used already");
      const sliding = await post("token/sliding/", { username: user.username, password: user.password });
      const slid = await post("token/sliding/second-factor/", {
        challenge: sliding.json.challenge,
        code: nextCode(secret),
      });
      assert.deepEqual(Object.keys(slid.json), ["token"]);
    });

    it("takes one code once, also of many requests at once", async () => {
      // A user each: of one the wrong ones could add up to the limit.
      for (const kind of ["app", "recovery"]) {
        const { user, secret, recoveryCodes } = await secured();
        const challenge = await challengeOf(user);
        const code = kind === "app" ? nextCode(secret) : (recoveryCodes[0] ?? "");
        const answers = await Promise.all(Array.from({ length: 4 }, () => answer(challenge, code)));
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401]);
      }
    });

    it("takes a recovery code in place of a code, each once, however it is written", async () => {
      const { user, recoveryCodes, secret } = await secured();
      const [code = ""] = recoveryCodes;
      assert.equal((await answer(await challengeOf(user), ` ${code.toUpperCase().replace("-", " ")} `)).status, 200);
      assert.equal((await answer(await challengeOf(user), code)).status, 401);
      const { json } = await test.client("GET", "/api/second-factor/", {
        headers: { authorization: `Bearer ${(await answer(await challengeOf(user), nextCode(secret))).json.access}` },
      });
      assert.deepEqual(json, { enabled: true, recovery_codes_left: 9 });
      const renewed = await post("second-factor/recovery-codes/", { code: nextCode(secret) }, user.bearer);
      assert.equal(renewed.json.recovery_codes.length, 10);
      assert.equal((await answer(await challengeOf(user), recoveryCodes[1] ?? "")).status, 401, "an old one");
    });

    it("lets a page into its cookies only with the code", async () => {
      const { user, secret } = await secured();
      const csrf = await test.client("GET", "/api/token/cookie/csrf/");
      const cookie = csrf.headers.getSetCookie()[0]?.split(";")[0] ?? "";
      const sent = { cookie, "x-csrftoken": csrf.json.csrf_token };
      const { username, password } = user;
      const first = await post("token/cookie/", { username, password }, sent);
      assert.deepEqual([first.status, first.json.code], [401, "second_factor_required"]);
      assert.deepEqual(first.headers.getSetCookie(), []);
      const step = { challenge: first.json.challenge, code: nextCode(secret) };
      assert.equal((await post("token/cookie/second-factor/", step, { cookie })).status, 403, "without the proof");
      const second = await post("token/cookie/second-factor/", step, sent);
      assert.deepEqual([second.status, Object.keys(second.json)], [200, ["csrf_token"]]);
      const access = second.headers.getSetCookie().find((line) => line.startsWith("__Host-access="));
      assert.deepEqual((await me({ cookie: access?.split(";")[0] ?? "" })).json, { name: username });
    });

    it("ends a challenge after five minutes, and with another password", async () => {
      const { user, secret } = await secured();
      const late = await challengeOf(user);
      test.clock.now += 301_000;
      assert.equal((await answer(late, nextCode(secret))).status, 401);
      const old = await challengeOf(user);
      await test.users.setPassword(user.id, "another password");
      assert.equal((await answer(old, nextCode(secret))).status, 401);
      const renewed = await obtain({ ...user, password: "another password" });
      assert.equal(renewed.json.code, "second_factor_required", "it is not lost with the password");
      for (const forged of ["", "x", `${old}x`, old.slice(0, -1), old.replace(/^[^:]+/, "WzEsImEiXQ")])
        assert.ok([400, 401].includes((await answer(forged, "000000")).status), forged);
    });

    it("lets Basic in with no password alone", async () => {
      const { user } = await secured();
      const authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;
      const { status, json } = await me({ authorization });
      assert.deepEqual([status, Object.keys(json)], [401, ["detail"]]);
    });

    it("is asked for on the login page", async () => {
      const { user, secret } = await secured();
      const page = await test.client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
      const cookie = page.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
      const send = (form: Record<string, string>) =>
        test.client("POST", "/api-auth/login/", {
          headers: { cookie, accept: "text/html", "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams({ ...form, csrfmiddlewaretoken: cookie.split("=")[1] ?? "" }).toString(),
        });
      const second = await send({ username: user.username, password: user.password, next: "/api/v1/" });
      assert.deepEqual(
        [second.status, second.headers.getSetCookie().some((one) => one.startsWith("sessionid="))],
        [200, false],
      );
      const challenge = /name="challenge" value="([^"]+)"/.exec(second.text)?.[1] ?? "";
      assert.match(second.text, /autocomplete="one-time-code"/);
      const refused = await send({ challenge, code: "000000", next: "/api/v1/" });
      assert.match(refused.text, /role="alert"/);
      const entered = await send({ challenge, code: nextCode(secret), next: "/api/v1/" });
      assert.deepEqual([entered.status, entered.headers.get("location")], [302, "/api/v1/"]);
      const session =
        entered.headers
          .getSetCookie()
          .find((one) => one.startsWith("sessionid="))
          ?.split(";", 1)[0] ?? "";
      assert.deepEqual((await me({ cookie: session })).json, { name: user.username });
    });

    it("cannot be guessed: wrong codes lock, also with the right password in between", async () => {
      const { user, secret } = await secured();
      const statuses: number[] = [];
      for (let i = 0; i < 8; i++) {
        const { status, json } = await obtain(user);
        statuses.push(status === 401 ? (await answer(json.challenge, "000000")).status : status);
      }
      assert.ok(statuses.includes(429), statuses.join());
      const locked = await obtain(user);
      assert.deepEqual([locked.status, Number(locked.headers.get("retry-after")) > 0], [429, true]);
      test.clock.now += 24 * 3_600_000;
      assert.equal((await answer(await challengeOf(user), nextCode(secret))).status, 200);
    });

    it("is not turned on by guessing the code of a secret that waits for its first one", async () => {
      const user = await test.user("waiting");
      await post("second-factor/setup/", { password: user.password }, user.bearer);
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++)
        statuses.push((await post("second-factor/confirm/", { code: "000000" }, user.bearer)).status);
      assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429]);
    });

    it("tells the audit log what was tried and changed: wrong secrets, locks, new recovery codes", async (t) => {
      const seen: string[] = [];
      const told = await startTestApp(
        defineApp({
          resources: {},
          secondFactor: true,
          onAuthEvent: ({ event }) => seen.push(event.replace(/:\d+/, "")),
        }),
        await create(),
      );
      t.after(() => told.stop());
      const send = (path: string, json: unknown, headers: Record<string, string> = {}) =>
        told.client("POST", `/api/${path}`, { json, headers });
      const { password, username, bearer } = await told.user("alice");
      const { json: setup } = await send("second-factor/setup/", { password }, bearer);
      const secret = fromBase32(setup.secret);
      const code = () => {
        told.clock.now += 30_000;
        return codeOf(secret, stepAt(told.clock.now));
      };
      await send("second-factor/confirm/", { code: code() }, bearer);
      seen.length = 0;
      await send("second-factor/recovery-codes/", { code: "000000" }, bearer);
      await send("second-factor/recovery-codes/", { code: code() }, bearer);
      assert.deepEqual(seen.splice(0), ["authn_login_fail,code", "user_updated,second_factor,recovery_codes"]);
      const { json } = await send("token/", { username, password });
      for (let i = 0; i < 6; i++)
        await send("token/second-factor/", { challenge: json.challenge, code: "000000" }, bearer);
      assert.deepEqual(seen.splice(0), [
        "authn_login_success,password",
        ...Array(5).fill("authn_login_fail,code"),
        "authn_login_lock,maxretries",
        "authn_login_fail_max",
      ]);
      told.clock.now += 24 * 3_600_000;
      const bob = await told.user("bob");
      seen.length = 0;
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
      await told.client("GET", "/api/second-factor/", { headers: { authorization } });
      assert.deepEqual(seen.splice(0), ["authn_login_fail,second_factor"]);
      for (let i = 0; i < 6; i++) await send("second-factor/setup/", { password: "another" }, bob.bearer);
      assert.deepEqual(seen, [
        ...Array(5).fill("authn_login_fail,password"),
        "authn_login_lock,maxretries",
        "authn_login_fail_max",
      ]);
    });

    it("is told to its account by mail when it was turned on or off, or has new recovery codes", async (t) => {
      const sent: Mail[] = [];
      const told = await startTestApp(
        defineApp({
          ...{ title: "Shop", resources: {}, secondFactor: true, accounts: { site: "https://shop.example.com" } },
          mail: { send: async (mail) => void sent.push(mail) },
        }),
        await create(),
      );
      t.after(() => told.stop());
      const { password, bearer } = await told.user("alice", { email: "alice@example.com" });
      const send = async (path: string, json: unknown) => {
        const answer = await told.client("POST", `/api/second-factor/${path}/`, { json, headers: bearer });
        await told.settled();
        return answer;
      };
      const secret = fromBase32((await send("setup", { password })).json.secret);
      const code = () => {
        told.clock.now += 30_000;
        return codeOf(secret, stepAt(told.clock.now));
      };
      await send("confirm", { code: "000000" });
      assert.equal(sent.length, 0);
      for (const path of ["confirm", "recovery-codes", "disable"]) {
        assert.equal((await send(path, { code: code() })).status, 200);
        assert.deepEqual(
          sent.splice(0).map(({ to, subject }) => [to, subject]),
          [["alice@example.com", "The second factor of your account at Shop was changed"]],
        );
      }
      assert.deepEqual(told.faults, []);
    });

    it("counts codes for the rate of the token endpoint, too", async (t) => {
      const limited = await startTestApp(
        defineApp({ resources: {}, secondFactor: true, throttle: { token: "2/min" } }),
        await create(),
        { settings: { slidingTokens: true, tokenCookies: true } },
      );
      t.after(() => limited.stop());
      const statuses: number[] = [];
      const paths = ["second-factor/", "sliding/second-factor/"];
      for (const path of [...paths, ...paths, "cookie/second-factor/"]) {
        const json = { challenge: "x", code: "000000" };
        statuses.push((await limited.client("POST", `/api/token/${path}`, { json })).status);
      }
      assert.deepEqual(statuses, [401, 401, 429, 429, 429]);
    });

    it("goes away with its account", async () => {
      const { user } = await secured();
      await test.users.remove(user.id);
      for (const table of ["drf_auth_second_factor", "drf_auth_recovery_code"]) {
        const select = defineStatement(`select count(*) from ${table} where user_id = ${user.id}`, true);
        assert.equal(Number((await test.database.get(select))?.[0]), 0, table);
      }
    });

    it("goes away with a code, and not with the token alone", async () => {
      const { user, secret } = await secured();
      assert.equal((await post("second-factor/disable/", { code: "000000" }, user.bearer)).status, 400);
      assert.deepEqual((await post("second-factor/disable/", { code: nextCode(secret) }, user.bearer)).json, {
        enabled: false,
      });
      assert.equal((await obtain(user)).status, 200);
    });

    it("has no route where the app does not ask for it", async () => {
      const other = await startTestApp(defineApp({ resources: {}, endpoints }), await create());
      try {
        const { bearer } = await other.user("alice");
        for (const path of ["second-factor/", "second-factor/setup/", "token/second-factor/"])
          assert.equal((await other.client("POST", `/api/${path}`, { json: {}, headers: bearer })).status, 404);
      } finally {
        await other.stop();
      }
    });
  });
}
