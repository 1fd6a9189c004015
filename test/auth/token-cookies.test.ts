/** Tokens in cookies: what a page without tokens in its scripts does, and what another site cannot make it do. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer, Sent } from "../http-client.ts";

const Note = model("desk.note", { fields: { text: field.text({ maxLength: 50 }), owner: field.owner() } });
const notes = resource(Note, { permissions: [permission.authenticated()] });
const open = resource(Note, { permissions: [permission.authenticatedOrReadOnly()] });
const settings = { tokenCookies: true, accessLifetimeSeconds: 300, refreshLifetimeSeconds: 3_600 };
const app = defineApp({ resources: { notes, open }, settings });

const list = "/api/v1/notes/";
const refreshPath = "/api/token/cookie/refresh/";
const logOutPath = "/api/token/cookie/blacklist/";

/** A page of the server's own origin: it keeps cookies, and reads those that scripts may. */
function openPage({ client }: TestApp) {
  const jar = new Map<string, string>();
  const send = async (method: string, path: string, { headers, ...sent }: Sent = {}): Promise<Answer> => {
    // Browsers send the refresh cookie to its path only.
    const sendable = [...jar].filter(([name]) => name !== "__Secure-refresh" || path.startsWith("/api/token/cookie/"));
    const cookie = sendable.map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await client(method, path, { ...sent, headers: { ...(cookie && { cookie }), ...headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)="?([^;"]*)/.exec(line) ?? [];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  /** A write with the proof that it is this page that writes. */
  const post = (path: string, json?: unknown, headers: Record<string, string> = {}) =>
    send("POST", path, {
      json,
      headers: { "x-csrftoken": jar.get("csrftoken") ?? "", origin: client.base, ...headers },
    });
  const signIn = async (username = "alice", password = `${username}-pass`) => {
    await send("GET", "/api/token/cookie/csrf/");
    return post("/api/token/cookie/", { username, password });
  };
  return { jar, send, post, signIn };
}

const codeOf = ({ json }: Answer): unknown => json.code ?? json.detail;

for (const { name, create } of databases) {
  describe(`tokens in cookies, ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
      await test.user("alice");
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("a page signs in, reads, writes, refreshes and logs out, and no answer shows it a token", async () => {
      const page = openPage(test);
      const signedIn = await page.signIn();
      assert.deepEqual([signedIn.status, Object.keys(signedIn.json)], [200, ["csrf_token"]]);
      assert.equal(signedIn.headers.get("cache-control"), "no-store");
      const old = new Map(page.jar);
      assert.equal((await page.post(list, { text: "one" })).status, 201);
      assert.equal((await page.send("GET", list)).json.count, 1);
      const refreshed = await page.post(refreshPath);
      assert.deepEqual([refreshed.status, refreshed.json], [200, {}]);
      for (const cookie of ["__Host-access", "__Secure-refresh"])
        assert.notEqual(page.jar.get(cookie), old.get(cookie), cookie);
      assert.equal((await page.send("GET", list)).status, 200);
      const last = new Map(page.jar);
      const out = await page.post(logOutPath);
      assert.deepEqual([out.status, out.json, [...page.jar.keys()]], [200, {}, ["csrftoken"]]);
      assert.equal((await page.send("GET", list)).status, 401);
      for (const [cookie, value] of last) page.jar.set(cookie, value);
      assert.equal((await page.send("GET", list)).status, 401, "what somebody copied is of no use");
      assert.equal((await page.post(refreshPath)).status, 401);
    });

    it("the cookies have exactly these attributes", async () => {
      const page = openPage(test);
      const lines = (await page.signIn()).headers.getSetCookie().map((line) => line.replace(/=[\w.-]{40,}/, "=…"));
      const until = "expires=Sat, 01 Jun 2024 13:00:00 GMT; HttpOnly; Max-Age=3600;";
      assert.deepEqual(lines, [
        `__Host-access=…; ${until} Path=/; SameSite=Lax; Secure`,
        `__Secure-refresh=…; ${until} Path=/api/token/cookie/; SameSite=Lax; Secure`,
        "csrftoken=…; expires=Sat, 31 May 2025 12:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax",
      ]);
      const gone = "expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=";
      assert.deepEqual((await page.post(logOutPath)).headers.getSetCookie(), [
        `__Host-access=""; ${gone}/; SameSite=Lax; Secure`,
        `__Secure-refresh=""; ${gone}/api/token/cookie/; SameSite=Lax; Secure`,
      ]);
    });

    it("a write without the proof, with another one, or from another origin is refused and changes nothing", async () => {
      const page = openPage(test);
      await page.signIn();
      const { count } = (await page.send("GET", list)).json;
      const refresh = page.jar.get("__Secure-refresh");
      const other = "https://evil.example.com";
      const forged: Record<string, string>[] = [
        { "x-csrftoken": "" },
        { "x-csrftoken": "a".repeat(64) },
        { origin: other },
      ];
      for (const headers of forged)
        for (const path of [list, refreshPath, logOutPath, "/api/token/cookie/"]) {
          const body = path === list ? { text: "forged" } : { username: "alice", password: "alice-pass" };
          const { status, headers: answered } = await page.post(path, body, headers);
          assert.deepEqual([status, answered.getSetCookie()], [403, []], path);
        }
      assert.equal((await page.send("GET", list)).json.count, count);
      assert.equal(page.jar.get("__Secure-refresh"), refresh);
      assert.equal((await page.post(refreshPath)).status, 200);
    });

    it("another proof is needed after a sign-in than before it", async () => {
      const page = openPage(test);
      await page.send("GET", "/api/token/cookie/csrf/");
      const before = page.jar.get("csrftoken") ?? "";
      const { json } = await page.signIn();
      assert.equal((await page.post(list, { text: "x" }, { "x-csrftoken": before })).status, 403);
      assert.equal((await page.post(list, { text: "x" }, { "x-csrftoken": json.csrf_token })).status, 201);
    });

    it("a wrong password sets no cookie", async () => {
      const page = openPage(test);
      const { status, headers, json } = await page.signIn("alice", "wrong");
      assert.deepEqual([status, Object.keys(json), headers.getSetCookie()], [401, ["detail"], []]);
      assert.equal(headers.get("www-authenticate"), 'Bearer realm="api"');
    });

    it("an access token that has expired is a 401, also where strangers may read, until the page refreshes", async () => {
      const page = openPage(test);
      await page.signIn();
      test.clock.now += 301_000;
      for (const path of [list, "/api/v1/open/"]) {
        const { status, json, headers } = await page.send("GET", path);
        assert.deepEqual(
          [status, json.code, headers.get("www-authenticate")],
          [401, "token_not_valid", 'Bearer realm="api"'],
        );
        assert.match(headers.get("vary") ?? "", /Cookie/);
      }
      assert.equal(
        (await page.send("POST", list, { json: { text: "x" } })).status,
        401,
        "first who, then whether forged",
      );
      assert.equal((await page.post(refreshPath)).status, 200);
      assert.equal((await page.send("GET", list)).status, 200);
    });

    it("two tabs that refresh at once get the same refresh token", async () => {
      const page = openPage(test);
      await page.signIn();
      const [one, two] = await Promise.all([page.post(refreshPath), page.post(refreshPath)]);
      const refreshOf = ({ headers }: Answer) =>
        headers.getSetCookie().find((line) => line.startsWith("__Secure-refresh"));
      assert.deepEqual([one.status, two.status, refreshOf(one)], [200, 200, refreshOf(two)]);
      assert.notEqual(refreshOf(one), undefined);
      assert.equal((await page.send("GET", list)).status, 200);
      assert.equal((await page.post(refreshPath)).status, 200);
    });

    it("a refresh token that is refused takes both cookies with it", async () => {
      const page = openPage(test);
      await page.signIn();
      page.jar.set("__Secure-refresh", "nonsense");
      assert.equal((await page.post(refreshPath)).status, 401);
      assert.deepEqual([...page.jar.keys()], ["csrftoken"]);
      assert.equal((await page.post(refreshPath)).status, 401);
      assert.equal((await page.post(logOutPath)).status, 200, "who is out has logged out");
    });

    it("another host of the domain cannot put its own session in the place of a user's", async () => {
      const [page, other] = [openPage(test), openPage(test)];
      await test.user("mallory");
      await page.signIn();
      await other.signIn("mallory");
      // What another host can set for the whole domain; the prefix __Host- keeps the access cookie from it.
      page.jar.set("__Secure-refresh", other.jar.get("__Secure-refresh") ?? "");
      assert.equal((await page.post(refreshPath)).status, 401);
      page.jar.set("__Secure-refresh", other.jar.get("__Secure-refresh") ?? "");
      page.jar.delete("__Host-access");
      assert.equal((await page.post(refreshPath)).status, 401);
      assert.equal((await other.post(refreshPath)).status, 200, "its own session goes on");
    });

    it("who logs out with a refresh token that another tab has just used is out in both", async () => {
      const page = openPage(test);
      await page.signIn();
      const old = page.jar.get("__Secure-refresh") ?? "";
      await page.post(refreshPath);
      const access = page.jar.get("__Host-access") ?? "";
      page.jar.set("__Secure-refresh", old);
      assert.equal((await page.post(logOutPath)).status, 200);
      page.jar.set("__Host-access", access);
      assert.equal((await page.send("GET", list)).status, 401);
    });

    it("a header decides where there is one, and needs no proof", async () => {
      const page = openPage(test);
      await page.signIn();
      const bob = await test.user(`bob${page.jar.size}`);
      const created = await page.send("POST", list, { json: { text: "by header" }, headers: bob.bearer });
      assert.deepEqual([created.status, created.json.owner], [201, bob.id]);
      const byBasic = `Basic ${Buffer.from(`${bob.username}:${bob.password}`).toString("base64")}`;
      const basic = await page.send("POST", list, { json: { text: "by Basic" }, headers: { authorization: byBasic } });
      assert.deepEqual([basic.status, basic.json.owner], [201, bob.id]);
      for (const authorization of ["Bearer nonsense", "Basic bm9ib2R5OngK"])
        assert.equal((await page.send("GET", list, { headers: { authorization } })).status, 401);
    });

    it("the session of cookies stands in the list of sessions as the present one, and can be ended there", async () => {
      const page = openPage(test);
      await page.signIn();
      const { json } = await page.send("GET", "/api/auth/sessions/");
      const current = json.filter((session: { current: boolean }) => session.current);
      assert.equal(current.length, 1);
      const headers = { "x-csrftoken": page.jar.get("csrftoken") ?? "" };
      assert.equal((await page.send("DELETE", `/api/auth/sessions/${current[0].id}/`)).status, 403);
      assert.equal((await page.send("DELETE", `/api/auth/sessions/${current[0].id}/`, { headers })).status, 204);
      assert.equal(codeOf(await page.send("GET", list)), "token_not_valid");
    });

    it("clients that hold their tokens themselves get them as before, and no cookie", async () => {
      const post = (path: string, json: unknown) => test.client("POST", path, { json });
      const obtained = await post("/api/token/", { username: "alice", password: "alice-pass" });
      assert.deepEqual([obtained.status, Object.keys(obtained.json).sort()], [200, ["access", "refresh"]]);
      const refreshed = await post("/api/token/refresh/", { refresh: obtained.json.refresh });
      assert.deepEqual(Object.keys(refreshed.json).sort(), ["access", "refresh"]);
      for (const { headers } of [obtained, refreshed]) assert.deepEqual(headers.getSetCookie(), []);
    });
  });
}

describe("tokens in cookies", () => {
  const [sqlite] = databases;
  const startWith = async (more: Record<string, unknown>) => {
    assert.ok(sqlite);
    return startTestApp(app, await sqlite.create(), { settings: more });
  };

  it("leave no trace where they are off", async () => {
    const test = await startWith({ tokenCookies: false });
    const { bearer } = await test.user("alice");
    for (const path of ["/api/token/cookie/", refreshPath, logOutPath, "/api/token/cookie/csrf/"])
      assert.equal((await test.client("POST", path)).status, 404, path);
    const cookie = `__Host-access=${bearer.authorization.slice("Bearer ".length)}`;
    const { status, headers } = await test.client("GET", list, { headers: { cookie } });
    assert.equal(status, 401);
    assert.equal(headers.get("vary"), "Accept, Cookie", "the session's");
    await test.stop();
  });

  it("may be sent from another site, where the settings say so", async () => {
    const test = await startWith({
      ...{ tokenCookieSameSite: "None", trustedOrigins: ["https://shop.example.net"] },
    });
    await test.user("alice");
    const page = openPage(test);
    await page.send("GET", "/api/token/cookie/csrf/");
    const headers = { origin: "https://shop.example.net" };
    const answer = await page.post("/api/token/cookie/", { username: "alice", password: "alice-pass" }, headers);
    assert.equal(answer.status, 200);
    for (const line of answer.headers.getSetCookie()) assert.match(line, /; SameSite=None; Secure$/);
    assert.equal((await page.post(list, { text: "from the shop" }, headers)).status, 201);
    await test.stop();
  });

  it("need tokens as a way of being known", async () => {
    await assert.rejects(startWith({ authenticators: ["session", "basic"] }), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /AUTHENTICATORS.*must have jwt with TOKEN_COOKIES=true/);
      return true;
    });
  });
});
