/** Attacks on signing in, sent over HTTP: each is refused in the same shape as an honest mistake, and none is a fault of ours. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AuthEvent } from "../../src/auth/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { defineApp, endpoint, permission } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer } from "../http-client.ts";

const events: AuthEvent[] = [];
const me = endpoint({
  permissions: [permission.authenticated()],
  methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
});
const staff = endpoint({ permissions: [permission.admin()], methods: { GET: { run: () => ({}) } } });
const app = defineApp({
  resources: {},
  endpoints: { me, staff },
  throttle: { token: "50/min" },
  onAuthEvent: (event) => events.push(event),
  // A token that comes again has been stolen, and is no second request of the same client.
  settings: { refreshGraceSeconds: 0 },
});

const cookiesOf = ({ headers }: Answer): Map<string, string> =>
  new Map(
    headers.getSetCookie().map((line) => {
      const [pair = ""] = line.split(";", 1);
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

for (const { name, create } of databases) {
  describe(`an attack on signing in, ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create(), { trustedProxies: ["127.0.0.1", "10.0.0.0/8"] });
      await test.user("alice");
    });
    after(() => test.stop());

    let client = 0;
    /** An address of its own for each test, as a proxy tells it. */
    const from = (): Record<string, string> => ({ "x-forwarded-for": `192.0.2.${++client}` });
    const obtain = (username: string, password: string, headers: Record<string, string> = {}) =>
      test.client("POST", "/api/token/", { json: { username, password }, headers });
    const basic = (username: string, password: string, headers: Record<string, string> = {}) => {
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
      return test.client("GET", "/api/v1/me/", { headers: { ...headers, authorization } });
    };
    const login = async (fields: Record<string, string>, headers: Record<string, string> = {}) => {
      const token = "a".repeat(64);
      return test.client("POST", "/api-auth/login/", {
        body: new URLSearchParams({ csrfmiddlewaretoken: token, ...fields }).toString(),
        headers: {
          accept: "text/html",
          "content-type": "application/x-www-form-urlencoded",
          ...headers,
          cookie: [`csrftoken=${token}`, headers.cookie].filter(Boolean).join("; "),
        },
      });
    };

    it("that guesses a password is counted over all ways together, and locked out of all of them", async () => {
      const headers = from();
      assert.equal((await obtain("alice", "wrong", headers)).status, 401);
      assert.equal((await basic("alice", "wrong", headers)).status, 401);
      assert.equal((await login({ username: "alice", password: "wrong" }, headers)).status, 200);
      assert.equal((await obtain("alice", "wrong", headers)).status, 401);
      assert.equal((await basic("alice", "wrong", headers)).status, 401);
      const refusals = [
        await obtain("alice", "alice-pass", headers),
        await basic("alice", "alice-pass", headers),
        await login({ username: "alice", password: "alice-pass" }, headers),
      ];
      for (const refused of refusals) {
        assert.equal(refused.status, 429);
        assert.equal(refused.headers.get("retry-after"), "30");
        assert.match(refused.text, /Too many wrong attempts; try again in 30 s\./);
        assert.doesNotMatch(refused.headers.getSetCookie().join(), /sessionid/);
      }
      assert.equal((await obtain("alice", "alice-pass", from())).status, 200);
    });

    it("that asks which names there are is told the same for those and for others", async () => {
      for (const ask of [
        obtain,
        basic,
        (username: string, password: string, headers: Record<string, string>) => login({ username, password }, headers),
      ]) {
        const shapes = [];
        for (const username of ["alice", "nobody"]) {
          const headers = from();
          const answers = [];
          for (let i = 0; i < 7; i++) answers.push(await ask(username, "wrong", headers));
          shapes.push(
            answers.map(({ status, text, headers }) => {
              const { date: _, "x-request-id": __, "set-cookie": ___, ...rest } = Object.fromEntries(headers);
              // A page has a CSRF token, and the name that was typed.
              const { "content-length": ____, ...same } = rest;
              return [status, same, text.replace(/[a-zA-Z0-9]{64}/g, "").replaceAll(username, "")];
            }),
          );
        }
        assert.deepEqual(shapes[0], shapes[1]);
      }
    });

    it("with a forged X-Forwarded-For stays the same client, for the lock-out and for the rate", async () => {
      const forge = (i: number) => ({ "x-forwarded-for": `203.0.113.${i}, 192.0.2.200, 10.0.0.7` });
      for (let i = 0; i < 5; i++) assert.equal((await obtain("alice", "wrong", forge(i))).status, 401);
      assert.equal(
        (await obtain("alice", "wrong", forge(9))).json.detail,
        "Too many wrong attempts; try again in 30 s.",
      );
      let last: Answer | undefined;
      for (let i = 0; i < 50; i++) last = await obtain(`name-${i}`, "wrong", forge(i));
      assert.equal(last?.json.detail, "Too many requests; try again in 60 s.");
      const v6 = (i: number) => ({ "x-forwarded-for": `203.0.113.1, 2001:db8:5:6:${i}::1` });
      for (let i = 0; i < 50; i++) last = await obtain(`name-${i % 20}`, "wrong", v6(i));
      assert.equal(last?.status, 401);
      assert.equal((await obtain("other", "wrong", v6(51))).json.detail, "Too many requests; try again in 60 s.");
    });

    it("through `next` leads nowhere but to this host", async () => {
      const headers = from();
      const elsewhere = [
        ..."https://evil.test/ //evil.test ///evil.test /\\evil.test \\\\evil.test \\/evil.test http:evil.test".split(
          " ",
        ),
        ..."javascript:alert(1) JaVaScRiPt:alert(1) data:text/html,x vbscript:x blob:x file:///etc/passwd".split(" "),
        ..."http://127.0.0.1@evil.test/ https:evil.test //127.0.0.1:1@evil.test /%2f/evil.test //%65vil.test".split(
          " ",
        ),
        ..."/.//evil.test /..//evil.test /%2e//evil.test //evil%E3%80%82test //\u0435vil.test http://[::1".split(" "),
        ...[
          "/\t/evil.test",
          "\t//evil.test",
          "java\tscript:alert(1)",
          "\u0000//evil.test",
          " //evil.test",
          "/\n/evil.test",
        ],
        ...[
          "/a\r\nSet-Cookie: x=1",
          "/a%0d%0aSet-Cookie:%20x=1",
          "/%0d%0a//evil.test",
          "/a\u2028b",
          "//evil.test\r\n\r\n<script>",
        ],
      ];
      const here = new URL(test.client.base);
      for (const next of elsewhere) {
        for (const answer of [
          await login({ username: "alice", password: "alice-pass", next }, headers),
          await test.client("GET", `/api-auth/logout/?next=${encodeURIComponent(next)}`, {
            headers: { accept: "text/html" },
          }),
        ]) {
          assert.equal(answer.status, 302, next);
          const location = answer.headers.get("location") ?? "";
          assert.equal(new URL(location, here).origin, here.origin, next);
          assert.match(location, /^\/(?![/\\])[\x21-\x7e]*$/, next);
          assert.ok(!cookiesOf(answer).has("x"), next);
        }
      }
    });

    it("that plants a session key gains nothing: the key is another after login, and a planted one signs nobody in", async () => {
      const planted = "attackerskeyattackerskeyattacker";
      const headers = { ...from(), cookie: `sessionid=${planted}` };
      const first = cookiesOf(await login({ username: "alice", password: "alice-pass" }, headers)).get("sessionid");
      assert.match(first ?? "", /^[a-z0-9]{32}$/);
      assert.notEqual(first, planted);
      const asMe = (key: string | undefined) =>
        test.client("GET", "/api/v1/me/", { headers: { cookie: `sessionid=${key}` } });
      assert.equal((await asMe(planted)).status, 401);
      assert.equal((await asMe(first)).status, 200);
      const again = { ...from(), cookie: `sessionid=${first}` };
      const second = cookiesOf(await login({ username: "alice", password: "alice-pass" }, again)).get("sessionid");
      assert.notEqual(second, first);
      assert.equal((await asMe(first)).status, 401, "the key from before the login is worth nothing");
      assert.equal((await asMe(second)).status, 200);
      for (const key of ["", "x".repeat(5000), "' OR 1=1 --", "%00", "../../etc", "A".repeat(32)])
        assert.equal((await asMe(encodeURIComponent(key))).status, 401, key);
    });

    it("with control characters in names, agents and ids changes no header and no line", async () => {
      events.length = 0;
      const names = [
        "al\r\nice",
        "\u0000",
        "a\u2028b",
        "\u001b[31mred",
        "\ud800",
        "\u202eecila",
        "x".repeat(151),
        "{}",
        "%s%n",
        "'--",
      ];
      for (const username of names) {
        for (const answer of [
          await obtain(username, "wrong", from()),
          await basic(username, "wrong", { ...from(), "user-agent": `\u0085\u009b31m${"x".repeat(900)}` }),
          await login({ username: username.toWellFormed(), password: "wrong" }, { ...from(), "x-request-id": "a b" }),
        ]) {
          assert.ok([200, 400, 401].includes(answer.status), `${JSON.stringify(username)}: ${answer.status}`);
          assert.match(answer.headers.get("x-request-id") ?? "", /^[\w-]+$/);
        }
      }
      assert.ok(events.length > 15);
      for (const event of events) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
        assert.doesNotMatch(Object.values(event).join(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
        assert.ok((event.userAgent ?? "").length < 1300 && event.event.length < 300);
      }
    });

    it("leaves its trace: what was reused, revoked, denied, ended, with address and request", async () => {
      const address = from();
      const headers = { ...address, "x-request-id": "trace-1", "user-agent": "probe" };
      const { access } = (await obtain("alice", "alice-pass", from())).json;
      events.length = 0;
      const { json: pair } = await obtain("alice", "alice-pass", headers);
      const send = (path: string, token: string) => test.client("POST", path, { json: { refresh: token }, headers });
      assert.equal((await send("/api/token/refresh/", pair.refresh)).status, 200);
      assert.equal((await send("/api/token/refresh/", pair.refresh)).status, 401);
      const { json: other } = await obtain("alice", "alice-pass", headers);
      assert.equal((await send("/api/token/blacklist/", other.refresh)).status, 200);
      const bearer = { ...headers, authorization: `Bearer ${access}` };
      assert.equal((await test.client("GET", "/api/v1/staff/", { headers: bearer })).status, 403);
      const session = cookiesOf(await login({ username: "alice", password: "alice-pass" }, headers));
      const cookie = `sessionid=${session.get("sessionid")}`;
      await test.client("GET", "/api-auth/logout/", { headers: { ...headers, accept: "text/html", cookie } });
      assert.deepEqual(
        events.map(({ event }) => event.replace(/[0-9a-f]{32}/, "JTI")),
        [
          ...["authn_login_success:1", "authn_token_created:1,JTI", "authn_token_created:1,JTI"],
          ...["authn_token_reuse:1,JTI", "authn_login_success:1", "authn_token_created:1,JTI"],
          ...["authn_token_revoked:1,JTI", "authz_fail:1,GET /api/v1/staff/"],
          ...["authn_login_success:1", "session_created:1", "session_expired:1,logout"],
        ],
      );
      for (const event of events) {
        const { requestId, userAgent, time } = event;
        assert.deepEqual([requestId, userAgent, time], ["trace-1", "probe", "2024-06-01T12:00:00Z"]);
        assert.equal(event.address, address["x-forwarded-for"]);
      }
    });

    it("is nobody's business when the hook of the app fails", async () => {
      const stop = events.push;
      events.push = () => {
        throw new Error("the hook is broken");
      };
      try {
        assert.equal((await obtain("alice", "alice-pass", from())).status, 200);
      } finally {
        events.push = stop;
      }
      assert.match(String(test.faults.splice(0)), /the hook is broken/);
    });

    it("and none of it was a fault of ours, and the tables hold no name that was typed", async () => {
      assert.deepEqual(test.faults, []);
      const rows = await test.database.all(defineStatement("select id, name from drf_auth_lockout", true));
      assert.doesNotMatch(JSON.stringify(rows), /alice|nobody/);
    });
  });
}
