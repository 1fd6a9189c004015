import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSessionCodec } from "../../../src/auth/index.ts";
import { defineStatement } from "../../../src/db/index.ts";
import { secretKey } from "../../app.ts";
import { databases } from "../../databases.ts";
import { linkIn, startAccounts } from "./accounts.ts";

const refused = { token: ["This link is not valid, or not any more."] };
const email = "alice@example.com";

for (const { name, create } of databases) {
  describe(`a forgotten password, ${name}`, () => {
    it("is reset by a link that works once", async () => {
      const { post, mails, user, signIn, stop, faults } = await startAccounts(await create());
      await user("alice", { email });
      const asked = await post("reset_password/", { email: "ALICE@example.com" });
      assert.deepEqual([asked.status, asked.text], [204, ""]);
      const [mail] = mails();
      assert.equal(mail?.to, email);
      const reset = { ...linkIn(mail), new_password: "another horse" };
      assert.equal((await post("reset_password_confirm/", reset)).status, 204);
      assert.equal((await signIn("alice", "alice-pass")).status, 401);
      assert.equal((await signIn("alice", "another horse")).status, 200);
      assert.equal(mails()[0]?.subject, "Your password at Shop was changed");
      const again = await post("reset_password_confirm/", { ...reset, new_password: "a third horse" });
      assert.deepEqual([again.status, again.json], [400, refused]);
      assert.deepEqual(faults, []);
      await stop();
    });

    it("is asked for with the same answer where there is no such account, or none that has a password", async () => {
      const { post, mails, users, user, stop } = await startAccounts(await create());
      await users.create({ username: "robot", email: "robot@example.com", password: null });
      await user("banned", { email: "banned@example.com", is_active: false });
      for (const to of ["nobody@example.com", "robot@example.com", "banned@example.com"]) {
        const { status, text } = await post("reset_password/", { email: to });
        assert.deepEqual([status, text, mails()], [204, "", []]);
      }
      await stop();
    });

    it("is mailed to the address of the account, and to no other that looks like it", async () => {
      const { post, mails, user, stop } = await startAccounts(await create());
      await user("alice", { email });
      await post("reset_password/", { email: "alıce@example.com" });
      assert.deepEqual(
        mails().filter(({ to }) => to !== email),
        [],
      );
      await stop();
    });

    it("has to be a good one, and the link still works after a bad one", async () => {
      const { post, mails, user, stop } = await startAccounts(await create());
      await user("alice", { email });
      await post("reset_password/", { email });
      const link = linkIn(mails()[0]);
      const { status, json } = await post("reset_password_confirm/", { ...link, new_password: "alice@example" });
      assert.deepEqual([status, json], [400, { new_password: ["The password is too similar to the e-mail address."] }]);
      assert.equal((await post("reset_password_confirm/", { ...link, new_password: "another horse" })).status, 204);
      await stop();
    });

    it("is not reset by a link that is an hour old, of before a login or a new address, or of another kind", async () => {
      const { post, mails, user, database, clock, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      const ask = async (route = "reset_password/") => {
        await post(route, { email });
        return linkIn(mails()[0]);
      };
      const isRefused = async (link: object) => {
        const { status } = await post("reset_password_confirm/", { ...link, new_password: "another horse" });
        assert.equal(status, 400);
      };
      const change = (set: string) =>
        database.run(defineStatement(`update auth_user set ${set} where id = ${alice.id}`, false));
      await isRefused(await ask("reset_username/"));
      const link = await ask();
      await change("email = 'new@example.com'");
      await isRefused(link);
      await change("email = 'alice@example.com', last_login = '2024-06-01 12:00:01'");
      await isRefused(link);
      const old = await ask();
      clock.now += 3_601_000;
      await isRefused(old);
      await stop();
    });

    it("of eight resets at once with one link one wins", async () => {
      const { post, mails, user, signIn, stop } = await startAccounts(await create());
      await user("alice", { email });
      await post("reset_password/", { email });
      const link = linkIn(mails()[0]);
      const chosen = Array.from({ length: 8 }, (_, i) => `another horse ${i}`);
      const statuses = await Promise.all(
        chosen.map(async (new_password) => (await post("reset_password_confirm/", { ...link, new_password })).status),
      );
      assert.equal(statuses.filter((status) => status === 204).length, 1);
      assert.equal((await signIn("alice", chosen[statuses.indexOf(204)] ?? "")).status, 200);
      await stop();
    });

    it("fills nobody's inbox: what comes above the rate of an address is answered and not sent", async () => {
      const { post, mails, user, stop } = await startAccounts(
        await create(),
        {},
        { app: { throttle: { account_inbox: "2/hour" } } },
      );
      await user("alice", { email });
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await post("reset_password/", { email })).status);
      assert.deepEqual([statuses, mails().length], [[204, 204, 204, 204], 2]);
      await stop();
    });
  });

  describe(`a new password, ${name}`, () => {
    it("needs the present one, and ends what the old one opened", async () => {
      const { post, mails, user, signIn, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      const wrong = await post(
        "set_password/",
        { current_password: "guess", new_password: "another horse" },
        alice.bearer,
      );
      assert.deepEqual([wrong.status, wrong.json], [400, { current_password: ["This is not the present password."] }]);
      const body = { current_password: alice.password, new_password: "another horse" };
      assert.equal((await post("set_password/", body)).status, 401);
      assert.equal((await post("set_password/", body, alice.bearer)).status, 204);
      assert.equal((await signIn("alice", "another horse")).status, 200);
      assert.equal((await signIn("alice", alice.password)).status, 401);
      assert.deepEqual(
        mails().map(({ to, subject }) => [to, subject]),
        [[email, "Your password at Shop was changed"]],
      );
      await stop();
    });

    it("ends the other sessions, and the browser that changed it goes on with what its session held", async () => {
      const { post, client, database, clock, user, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      const [mine, other] = [await login(client, "alice", "alice-pass"), await login(client, "alice", "alice-pass")];
      const me = async (cookie: string) => (await client("GET", "/auth/users/me/", { headers: { cookie } })).status;
      assert.deepEqual([await me(mine.cookie), await me(other.cookie)], [200, 200]);
      const codec = createSessionCodec({ secretKey, now: () => clock.now });
      const rowOf = async (cookie: string) => {
        const [, key] = /sessionid=(\w+)/.exec(cookie) ?? [];
        const sql = `select session_data, expire_date from django_session where session_key = '${key}'`;
        const [[data, end] = []] = await database.all(defineStatement(sql, true));
        return { key, data: codec.decode(String(data)), end: String(end) };
      };
      const before = await rowOf(mine.cookie);
      const kept = codec.encode({ ...before.data, basket: [7] });
      const keep = `update django_session set session_data = '${kept}' where session_key = '${before.key}'`;
      await database.run(defineStatement(keep));
      clock.now += 60_000;
      const changed = await post(
        "set_password/",
        { current_password: alice.password, new_password: "another horse" },
        { cookie: mine.cookie, "x-csrftoken": mine.csrf },
      );
      assert.equal(changed.status, 204);
      const cookie =
        changed.headers
          .getSetCookie()
          .find((text) => text.startsWith("sessionid="))
          ?.split(";")[0] ?? "";
      assert.deepEqual([await me(cookie), await me(mine.cookie), await me(other.cookie)], [200, 401, 401]);
      const after = await rowOf(cookie);
      assert.deepEqual(after.data.basket, [7]);
      assert.equal(after.end, before.end, "it ends when it would have");
      await stop();
    });

    it("is changed and told also while so many mails wait that no more can be asked for", async (t) => {
      const sent: string[] = [];
      const gate = Promise.withResolvers<void>();
      const { client, user, settled, stop } = await startAccounts(
        await create(),
        {},
        {
          settings: { emailQueueSize: 1 },
          app: {
            throttle: { account_inbox: null },
            mail: { send: async ({ subject }) => void sent.push(await gate.promise.then(() => subject)) },
          },
        },
      );
      t.after(() => {
        gate.resolve();
        return stop();
      });
      const { bearer, password } = await user("alice", { email });
      const post = async (route: string, json: unknown, headers = {}) =>
        (await client("POST", `/auth/users/${route}`, { json, headers })).status;
      const asked: number[] = [];
      for (let i = 0; i < 6; i++) asked.push(await post("reset_password/", { email }));
      assert.deepEqual(asked, [204, 204, 204, 204, 204, 503]);
      const change = { current_password: password, new_password: "another horse" };
      assert.equal(await post("set_password/", change, bearer), 204);
      gate.resolve();
      await settled();
      assert.ok(sent.includes("Your password at Shop was changed"));
    });

    it("keeps the session of the token it was changed with, and ends all other ones at once", async () => {
      const { post, client, user, signIn, stop } = await startAccounts(
        await create(),
        {},
        { settings: { tokenCheckSeconds: 0.5 } },
      );
      const alice = await user("alice", { email });
      const [mine, other] = [
        (await signIn("alice", alice.password)).json,
        (await signIn("alice", alice.password)).json,
      ];
      const headersOf = ({ access }: { access: string }) => ({ authorization: `Bearer ${access}` });
      const me = async (pair: { access: string }) =>
        (await client("GET", "/auth/users/me/", { headers: headersOf(pair) })).status;
      const refresh = ({ refresh: token }: { refresh: string }) =>
        client("POST", "/api/token/refresh/", { json: { refresh: token } });
      // The clock stands still: what was found of a token would count for another half second.
      assert.deepEqual([await me(mine), await me(other)], [200, 200]);
      const body = { current_password: alice.password, new_password: "another horse" };
      assert.equal((await post("set_password/", body, headersOf(mine))).status, 204);
      assert.deepEqual([await me(mine), await me(other)], [200, 401]);
      assert.equal((await refresh(other)).status, 401);
      const next = await refresh(mine);
      assert.equal(next.status, 200);
      assert.equal(await me(next.json), 200);
      const again = { current_password: "another horse", new_password: "a third horse" };
      assert.equal((await post("set_password/", again, headersOf(other))).status, 401);
      assert.equal((await post("set_password/", again, headersOf(next.json))).status, 204);
      assert.equal((await refresh(next.json)).status, 200);
      await stop();
    });

    it("chosen by a link keeps no session, also not that of the token sent along", async () => {
      const { post, mails, client, user, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      await post("reset_password/", { email });
      const reset = { ...linkIn(mails()[0]), new_password: "another horse" };
      assert.equal((await post("reset_password_confirm/", reset, alice.bearer)).status, 204);
      assert.equal((await client("GET", "/auth/users/me/", { headers: alice.bearer })).status, 401);
      await stop();
    });
  });

  it(`an account that is deleted is known by no token from then on, ${name}`, async () => {
    const { client, user, stop } = await startAccounts(await create(), {}, { settings: { tokenCheckSeconds: 0.5 } });
    const alice = await user("alice", { email });
    const ask = (method: string, json?: object) => client(method, "/auth/users/me/", { json, headers: alice.bearer });
    assert.equal((await ask("GET")).status, 200);
    assert.equal((await ask("DELETE", { current_password: alice.password })).status, 204);
    const { status, json } = await ask("GET");
    assert.deepEqual([status, json.code], [401, "user_not_found"]);
    await stop();
  });

  describe(`a new name, ${name}`, () => {
    it("needs the present password, and one that nobody has", async () => {
      const { post, user, signIn, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      await user("bob");
      const set = (new_username: string, current_password = alice.password) =>
        post("set_username/", { new_username, current_password }, alice.bearer);
      const taken = await set("bob");
      assert.deepEqual([taken.status, taken.json], [400, { new_username: ["Somebody else has this name."] }]);
      assert.equal((await set("alicia", "guess")).status, 400);
      assert.equal((await set("alicia")).status, 204);
      assert.equal((await signIn("alicia", alice.password)).status, 200);
      await stop();
    });

    it("is chosen by a link for who forgot the old one, which works once", async () => {
      const { post, mails, user, signIn, stop } = await startAccounts(await create());
      await user("alice", { email });
      await post("reset_username/", { email });
      const [mail] = mails();
      assert.match(mail?.text ?? "", /called "alice"/);
      const confirm = (new_username: string) =>
        post("reset_username_confirm/", { ...linkIn(mail), new_username }).then(({ status }) => status);
      assert.equal(await confirm("alicia"), 204);
      assert.equal(await confirm("eve"), 400);
      assert.equal((await signIn("alicia", "alice-pass")).status, 200);
      await stop();
    });
  });

  describe(`a new address, ${name}`, () => {
    const address = "alice@new.example.com";
    it("counts when its owner has followed the link, and the old one is told", async () => {
      const { post, mails, users, user, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      const asked = await post("set_email/", { new_email: address, current_password: alice.password }, alice.bearer);
      assert.equal(asked.status, 204);
      const [mail] = mails();
      assert.deepEqual([mail?.to, (await users.byId(alice.id))?.email], [address, email]);
      assert.equal((await post("set_email_confirm/", linkIn(mail))).status, 204);
      assert.equal((await users.byId(alice.id))?.email, address);
      assert.deepEqual(
        mails().map(({ to, subject }) => [to, subject]),
        [[email, "Your address at Shop was changed"]],
      );
      assert.equal((await post("set_email_confirm/", linkIn(mail))).status, 400);
      await stop();
    });

    it("of another account is answered the same, and told to its owner", async () => {
      const { post, mails, users, user, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      await user("bob", { email: "bob@example.com" });
      const asked = await post(
        "set_email/",
        { new_email: "Bob@example.com", current_password: alice.password },
        alice.bearer,
      );
      assert.equal(asked.status, 204);
      assert.deepEqual(
        mails().map(({ to, subject }) => [to, subject]),
        [["bob@example.com", "You have an account at Shop"]],
      );
      assert.equal((await users.byId(alice.id))?.email, email);
      await stop();
    });

    it("is that of the last link: one for an address that was asked for before is void", async () => {
      const { post, mails, user, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      const ask = async (new_email: string) => {
        await post("set_email/", { new_email, current_password: alice.password }, alice.bearer);
        return linkIn(mails()[0]);
      };
      const first = await ask("first@example.com");
      const second = await ask(address);
      assert.equal((await post("set_email_confirm/", first)).status, 400);
      assert.equal((await post("set_email_confirm/", second)).status, 204);
      await stop();
    });
  });

  describe(`my account, ${name}`, () => {
    it("is shown, and changed but for name and address", async () => {
      const { client, user, stop } = await startAccounts(await create(), { fields: ["first_name", "last_name"] });
      const { bearer } = await user("alice", { email });
      const me = (method: string, json?: unknown) => client(method, "/auth/users/me/", { json, headers: bearer });
      const shown = { email, id: 1, username: "alice", first_name: "", last_name: "" };
      assert.deepEqual((await me("GET")).json, shown);
      const patched = await me("PATCH", {
        first_name: "Alice",
        username: "root",
        email: "x@example.com",
        is_staff: true,
      });
      assert.deepEqual([patched.status, patched.json], [200, { ...shown, first_name: "Alice" }]);
      assert.equal((await client("GET", "/auth/users/me/")).status, 401);
      await stop();
    });

    it("is deleted by whoever knows its password", async () => {
      const { client, user, users, signIn, stop } = await startAccounts(await create());
      const alice = await user("alice", { email });
      const remove = (current_password: string) =>
        client("DELETE", "/auth/users/me/", { json: { current_password }, headers: alice.bearer });
      assert.equal((await remove("guess")).status, 400);
      assert.equal((await remove(alice.password)).status, 204);
      assert.equal(await users.byId(alice.id), undefined);
      assert.equal((await signIn("alice", alice.password)).status, 401);
      await stop();
    });
  });
}

/** Signs in by the form of the pages. */
async function login(client: Awaited<ReturnType<typeof startAccounts>>["client"], username: string, password: string) {
  const shown = await client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
  const csrf = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(shown.text)?.[1] ?? "";
  const first = shown.headers.getSetCookie().map((text) => text.split(";")[0]);
  const answer = await client("POST", "/api-auth/login/", {
    body: new URLSearchParams({ username, password, csrfmiddlewaretoken: csrf }).toString(),
    headers: { accept: "text/html", "content-type": "application/x-www-form-urlencoded", cookie: first.join("; ") },
  });
  const cookies = answer.headers.getSetCookie().map((text) => text.split(";")[0] ?? "");
  const token = cookies.find((text) => text.startsWith("csrftoken="))?.slice("csrftoken=".length) ?? "";
  return { cookie: cookies.join("; "), csrf: token };
}
