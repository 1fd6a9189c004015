/** What the audit log says of everything that can happen to an account: each of its names is told by something. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { authEventNames } from "../../src/auth/events.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { type AuthEvent, defineApp, endpoint, Group, type Mail, permission, resource, User } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { openBrowser } from "../browsable/browser.ts";
import { databases } from "../databases.ts";
import { linkIn } from "./accounts/accounts.ts";

const HOUR = 3_600_000;

for (const { name, create } of databases) {
  describe(`the audit log, ${name}`, () => {
    it("tells what happens, and has no name that nothing tells", async (t) => {
      const events: AuthEvent[] = [];
      const sent: Mail[] = [];
      const app = defineApp({
        resources: {
          users: resource(User, {
            permissions: [permission.admin()],
            fields: ["id", "username", "password", "first_name", "is_active", "is_staff", "is_superuser", "groups"],
            hooks: { preSave: ({ before }) => (before ? {} : { password: "!" }) },
          }),
          groups: resource(Group, { permissions: [permission.admin()] }),
        },
        endpoints: {
          me: endpoint({
            permissions: [permission.authenticated()],
            methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
          }),
        },
        accounts: { site: "https://shop.example.com", activation: false },
        onAuthEvent: (event) => events.push(event),
        mail: { send: async (mail) => void sent.push(mail) },
        settings: { accessLifetimeSeconds: 86_400, sessionIdleSeconds: 7200, refreshGraceSeconds: 0, lockoutLimit: 3 },
      });
      const test = await startTestApp(app, await create());
      t.after(() => test.stop());
      const seen = new Set<string>();
      /** What was told since this was asked last; ids of tokens and sessions are of no interest. */
      const told = (): readonly string[] => {
        for (const event of events) seen.add(event.name);
        return events.splice(0).map(({ event }) => event.replace(/\b[0-9a-f]{16,32}\b/, "ID"));
      };
      const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
        test.client("POST", path, { json, headers });
      const obtain = async (username: string, password: string) =>
        (await post("/api/token/", { username, password })).json;
      const me = async (access: string) =>
        (await test.client("GET", "/api/v1/me/", { headers: { authorization: `Bearer ${access}` } })).status;

      const root = await test.user("root", { is_staff: true, is_superuser: true });
      await post("/auth/users/", { username: "alice", password: "correct horse", email: "alice@example.com" });
      told();
      const [one, other] = [await obtain("alice", "correct horse"), await obtain("alice", "correct horse")];
      const bearer = { authorization: `Bearer ${one.access}` };
      told();

      // Another password: that of the present one is wrong, then right; the other session comes once more.
      const change = (current_password: string) =>
        post("/auth/users/set_password/", { current_password, new_password: "another horse" }, bearer);
      await change("wrong");
      assert.deepEqual(told(), ["authn_login_fail:2,password", "authn_password_change_fail:2,password"]);
      await change("correct horse");
      assert.deepEqual([await me(one.access), await me(other.access)], [200, 401]);
      await post("/api/token/refresh/", { refresh: other.refresh });
      assert.deepEqual(told(), [
        ...["authn_password_change:2", "session_use_after_expire:2,ID", "session_use_after_expire:2,ID"],
      ]);

      // A link that was used.
      await post("/auth/users/reset_password/", { email: "alice@example.com" });
      await test.settled();
      const link = { ...linkIn(sent.at(-1)), new_password: "a third horse" };
      await post("/auth/users/reset_password_confirm/", link);
      await post("/auth/users/reset_password_confirm/", link);
      await post("/auth/users/reset_password_confirm/", { ...link, uid: "?" });
      assert.deepEqual(told(), [
        ...["authn_password_change:2,reset", "authn_password_change_fail:2,link"],
        "authn_password_change_fail:unknown,link",
      ]);

      // A browser: used, idle for too long, its password changed.
      const browser = openBrowser(test.client.base);
      const enter = async (password = "a third horse") => {
        await browser.press(await browser.visit("/api-auth/login/"), "Log in", { username: "alice", password });
        told();
      };
      await enter();
      test.clock.now += HOUR;
      await browser.visit("/api/v1/me/");
      assert.deepEqual(told(), ["session_renewed:2,use"]);
      test.clock.now += 3 * HOUR;
      await browser.visit("/api/v1/me/");
      assert.deepEqual(told(), ["session_expired:2,timeout"]);
      await enter();
      const cookie = `sessionid=${browser.cookies.get("sessionid")}; csrftoken=${browser.cookies.get("csrftoken")}`;
      const sentAlong = { cookie, "x-csrftoken": browser.cookies.get("csrftoken") ?? "" };
      const passwords = { current_password: "a third horse", new_password: "a fourth horse" };
      test.clock.now += 1;
      const changed = await post("/auth/users/set_password/", passwords, sentAlong);
      assert.deepEqual(told(), ["authn_password_change:2", "session_renewed:2,password"]);
      const renewed = /sessionid=\w+/.exec(changed.headers.getSetCookie().join())?.[0] ?? "";
      assert.equal((await test.client("GET", "/api/v1/me/", { headers: { cookie: renewed } })).status, 200);
      assert.deepEqual(told(), []);
      await enter("a fourth horse");
      await test.users.setPassword(2, "a fifth horse");
      await browser.visit("/api/v1/me/");
      assert.deepEqual(told(), ["session_use_after_expire:2,password"]);

      await enter("a fifth horse");
      test.clock.now += 1;
      // What staff does to others.
      const asRoot = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, json?: unknown) =>
        test.client(method, path, { json, headers: root.bearer });
      await asRoot("GET", "/api/auth/sessions/?user=2");
      await asRoot("DELETE", "/api/auth/sessions/?user=2");
      assert.deepEqual(told(), [
        ...["authz_admin:1,view sessions of 2", "authz_admin:1,end sessions of 2", "session_expired:2,all,by 1"],
      ]);
      await browser.visit("/api/v1/me/");
      assert.deepEqual(told(), ["session_use_after_expire:2,revoked"], "the session of the browser, too");
      await enter("a fifth horse");
      await browser.visit("/api/v1/me/");
      assert.deepEqual(told(), [], "a new one goes on");
      assert.equal((await asRoot("POST", "/api/v1/groups/", { name: "editors", permissions: [] })).status, 201);
      await asRoot("PATCH", "/api/v1/groups/1/", { name: "writers" });
      const rights = { is_staff: true, is_superuser: false, groups: [1], first_name: "Alice" };
      assert.equal((await asRoot("PATCH", "/api/v1/users/2/", rights)).status, 200);
      assert.deepEqual(told(), [
        ...["authz_admin:1,auth.group 1 created", "authz_admin:1,auth.group 1 changed"],
        ...["authz_change:2,is_staff,false,true,by 1", "authz_change:2,groups,by 1", "user_updated:2,first_name,by 1"],
      ]);
      const { access } = await obtain("alice", "a fifth horse");
      told();
      await asRoot("PATCH", "/api/v1/users/2/", { is_active: false });
      await asRoot("PATCH", "/api/v1/users/2/", { is_active: false });
      await asRoot("PATCH", "/api/v1/users/2/", { is_active: true });
      assert.equal(await me(access), 401, "its sessions have ended");
      await asRoot("POST", "/api/v1/users/", { username: "bob", password: "none", is_superuser: true });
      await asRoot("DELETE", "/api/v1/users/2/");
      await asRoot("DELETE", "/api/v1/groups/1/");
      assert.deepEqual(told(), [
        ...[
          "user_archived:2,by 1",
          "user_updated:2,is_active,by 1",
          "session_use_after_expire:2,ID",
          "user_created:3,by 1",
          "authz_change:3,is_superuser,false,true,by 1",
        ],
        ...["user_deleted:2,by 1", "authz_admin:1,auth.group 1 deleted"],
      ]);

      // The rest: what other tests look at more closely.
      const carol = await test.user("carol");
      for (const password of ["x", "carol-pass", "x", "x", "x", "x"]) await obtain("carol", password);
      const { refresh } = await obtain("root", "root-pass");
      await post("/api/token/blacklist/", { refresh });
      const used = (await obtain("root", "root-pass")).refresh;
      for (let i = 0; i < 2; i++) await post("/api/token/refresh/", { refresh: used });
      await test.client("GET", "/api/v1/users/", { headers: carol.bearer });
      told();
      assert.deepEqual(
        authEventNames.filter((each) => !seen.has(each)),
        [],
      );
      assert.deepEqual(test.faults, []);
    });
  });
}

describe("a resource over accounts whose clients would write the column of passwords", () => {
  const permissions = [permission.admin()];
  const startWith = async (options: Parameters<typeof resource<typeof User>>[1]) => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    const test = await startTestApp(
      defineApp({ resources: { users: resource(User, options) } }),
      await sqlite.create(),
    );
    await test.stop();
  };

  it("ends the start, since what they write would be kept unhashed", async () => {
    await assert.rejects(
      startWith({ permissions }),
      (error) => error instanceof ConfigurationError && /resource "users", fields.*unhashed/.test(error.message),
    );
  });

  it("starts where they only read, cannot write it, or a hook says another value", async () => {
    await startWith({ permissions, only: ["list", "retrieve"] });
    await startWith({ permissions, only: ["partialUpdate"], readOnly: ["password"] });
    await startWith({ permissions, hooks: { preSave: () => ({ password: "!" }) } });
  });
});
