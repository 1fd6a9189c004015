import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Database, defineStatement } from "../../../src/db/index.ts";
import type { AuthEvent } from "../../../src/index.ts";
import { databases } from "../../databases.ts";
import { linkIn, startAccounts } from "./accounts.ts";

const alice = { username: "alice", email: "alice@example.com", password: "correct horse" };

for (const { name, create } of databases) {
  describe(`registering, ${name}`, () => {
    it("makes an account that can be used once the link in its mail was followed", async () => {
      const { post, mails, signIn, stop, faults } = await startAccounts(await create());
      const { status, json } = await post("", alice);
      assert.deepEqual([status, json], [201, { email: "alice@example.com", username: "alice" }]);
      assert.equal((await signIn("alice", "correct horse")).status, 401);
      const [mail, ...others] = mails();
      assert.deepEqual([mail?.to, mail?.subject, others], ["alice@example.com", "Activate your account at Shop", []]);
      assert.match(mail?.text ?? "", /https:\/\/shop\.example\.com\/#\/activate\//);

      assert.equal((await post("activation/", linkIn(mail))).status, 204);
      assert.equal((await signIn("alice", "correct horse")).status, 200);
      assert.equal((await post("activation/", linkIn(mail))).status, 403);
      assert.deepEqual(faults, []);
      await stop();
    });

    it("changes no password any more once the account was activated, also of one who registers at that moment", async (t) => {
      let meanwhile: (() => Promise<unknown>) | undefined;
      const wrap = (database: Database): Database =>
        new Proxy(database, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name, target);
            if (typeof value !== "function") return value;
            return async (...parameters: unknown[]) => {
              if (name === "transaction") {
                const first = meanwhile;
                meanwhile = undefined;
                await first?.();
              }
              return value.apply(target, parameters);
            };
          },
        });
      const app = { throttle: { account_register: null } };
      const { client, post, mails, signIn, stop } = await startAccounts(await create(), {}, { wrap, app });
      t.after(stop);
      await post("", alice);
      const link = linkIn(mails()[0]);
      let activated = 0;
      meanwhile = async () => {
        activated = (await client("POST", "/auth/users/activation/", { json: link })).status;
      };
      await post("", { ...alice, password: "another horse" });
      assert.equal(activated, 204);
      assert.equal((await signIn("alice", "another horse")).status, 401);
      assert.equal((await signIn("alice", alice.password)).status, 200);
    });

    it("tells the audit log of accounts that are made, activated, changed and deleted", async (t) => {
      const seen: string[] = [];
      const { post, client, mails, signIn, stop } = await startAccounts(
        await create(),
        {},
        { app: { onAuthEvent: ({ name, event }) => /^user|^session|change/.test(name) && seen.push(event) } },
      );
      t.after(stop);
      await post("", alice);
      await post("activation/", linkIn(mails()[0]));
      const { json } = await signIn("alice", alice.password);
      const headers = { authorization: `Bearer ${json.access}` };
      const current_password = alice.password;
      await post("set_username/", { current_password, new_username: "alicia" }, headers);
      await post("set_email/", { current_password, new_email: "new@example.com" }, headers);
      await post("set_email_confirm/", linkIn(mails().at(-1)));
      await client("DELETE", "/auth/users/me/", { json: { current_password }, headers });
      assert.deepEqual(seen, [
        ...["user_created:1", "user_updated:1,activated", "user_updated:1,username", "user_updated:1,email"],
        "user_deleted:1",
      ]);
    });

    it("answers the same for an address and for a name that there are, and tells the owner of the address", async () => {
      const { post, mails, user, signIn, stop } = await startAccounts(await create());
      await user("alice", { email: "Alice@example.com", password: "my own horse" });
      const again = await post("", { ...alice, username: "alice2", email: "alice@EXAMPLE.com" });
      assert.deepEqual([again.status, again.json], [201, { email: "alice@example.com", username: "alice2" }]);
      const [told, ...none] = mails();
      assert.deepEqual([told?.to, told?.subject, none], ["Alice@example.com", "You have an account at Shop", []]);

      const taken = await post("", { ...alice, email: "other@example.com" });
      assert.deepEqual([taken.status, taken.json], [201, { email: "other@example.com", username: "alice" }]);
      assert.deepEqual(
        mails().map(({ to, subject }) => [to, subject]),
        [["other@example.com", "Choose another name at Shop"]],
      );
      assert.equal((await signIn("alice", "correct horse")).status, 401);
      assert.equal((await signIn("alice2", "correct horse")).status, 401);
      await stop();
    });

    it("answers before anybody looks whether there is an account", async () => {
      const gate = Promise.withResolvers<void>();
      const app = { mail: { send: () => gate.promise } };
      const { client, user, stop } = await startAccounts(await create(), {}, { app });
      await user("bob", { email: "bob@example.com" });
      for (const email of ["alice@example.com", "bob@example.com"]) {
        // No mail is taken yet, and the answer comes all the same.
        assert.equal((await client("POST", "/auth/users/", { json: { ...alice, email } })).status, 201);
      }
      gate.resolve();
      await stop();
    });

    it("refuses a bad password with Django's codes, before anything is made", async () => {
      const { post, mails, stop } = await startAccounts(await create());
      const { status, json } = await post("", { ...alice, password: "1234567" });
      assert.equal(status, 400);
      assert.deepEqual(json, {
        password: [
          "Expected a password of at least 8 characters.",
          "This is one of the passwords that are tried first.",
          "A password of digits alone is guessed quickly.",
        ],
      });
      assert.deepEqual(mails(), []);
      await stop();
    });

    it("counts the last password for an address that is not confirmed yet, and forgets the earlier link", async () => {
      const { post, mails, signIn, stop } = await startAccounts(await create());
      await post("", { ...alice, password: "of an attacker" });
      const [first] = mails();
      await post("", alice);
      const [second] = mails();
      assert.equal((await post("activation/", linkIn(first))).status, 400);
      assert.equal((await post("activation/", linkIn(second))).status, 204);
      assert.equal((await signIn("alice", "of an attacker")).status, 401);
      assert.equal((await signIn("alice", "correct horse")).status, 200);
      await stop();
    });

    it("of twenty who register one name at once makes one account", async () => {
      const { post, mails, stop, faults } = await startAccounts(await create());
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => post("", { ...alice, email: `alice${i}@example.com` })),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
      const subjects = Object.groupBy(mails(), ({ subject }) => subject);
      assert.equal(subjects["Activate your account at Shop"]?.length, 1);
      assert.equal(subjects["Choose another name at Shop"]?.length, 19);
      assert.deepEqual(faults, []);
      await stop();
    });
  });

  describe(`an account that waits for its link, ${name}`, () => {
    it("is sent it again, and nobody else is", async () => {
      const { post, mails, user, stop } = await startAccounts(await create());
      await user("bob", { email: "bob@example.com" });
      await user("banned", { email: "banned@example.com", is_active: false });
      await post("", alice);
      const [first] = mails();
      for (const email of ["bob@example.com", "banned@example.com", "nobody@example.com"]) {
        assert.equal((await post("resend_activation/", { email })).status, 204);
        assert.deepEqual(mails(), [], email);
      }
      assert.equal((await post("resend_activation/", { email: "ALICE@example.com" })).status, 204);
      const [again] = mails();
      assert.equal(again?.to, "alice@example.com");
      assert.equal((await post("activation/", linkIn(again))).status, 204);
      assert.equal((await post("activation/", linkIn(first))).status, 403);
      await stop();
    });

    it("cannot be activated by a link that is too old, of another account, or changed", async () => {
      const { post, mails, clock, stop } = await startAccounts(await create());
      await post("", alice);
      await post("", { ...alice, username: "eve", email: "eve@example.com" });
      const [mail, other] = mails();
      const link = linkIn(mail);
      const refused = { token: ["This link is not valid, or not any more."] };
      for (const wrong of [
        { ...link, token: linkIn(other).token },
        { ...link, token: `${link.token.slice(0, -1)}g` },
        { ...link, uid: linkIn(other).uid },
        { ...link, uid: "OTk5" },
        { ...link, uid: "!" },
      ]) {
        const { status, json } = await post("activation/", wrong);
        assert.deepEqual([status, json], [400, refused]);
      }
      clock.now += 259_201_000;
      assert.equal((await post("activation/", link)).status, 400);
      await stop();
    });

    it("that staff switched off later is not switched on by its old link", async () => {
      const { post, mails, database, users, stop } = await startAccounts(await create());
      await post("", alice);
      const [mail] = mails();
      await post("activation/", linkIn(mail));
      const id = (await users.byUsername("alice"))?.id ?? 0;
      await database.run(defineStatement(`update auth_user set is_active = false where id = ${id}`, false));
      assert.equal((await post("activation/", linkIn(mail))).status, 400);
      assert.equal((await users.byId(id))?.is_active, false);
      await post("resend_activation/", { email: alice.email });
      assert.deepEqual(mails(), []);
      await stop();
    });

    it("is the one account of its address: of several one is activated, also at once, and the others go", async (t) => {
      const seen: string[] = [];
      const app = { throttle: { account_register: null }, onAuthEvent: ({ event }: AuthEvent) => seen.push(event) };
      const { post, mails, users, signIn, stop, faults } = await startAccounts(await create(), {}, { app });
      t.after(stop);
      const names = ["alice", "alicia", "alison"];
      for (const username of names) await post("", { ...alice, username, email: "Alice@example.com" });
      const links = mails().map(linkIn);
      assert.equal(links.length, 3);
      seen.length = 0;
      const statuses = await Promise.all(links.map(async (link) => (await post("activation/", link)).status));
      assert.deepEqual(statuses.toSorted(), [204, 400, 400]);
      const winner = statuses.indexOf(204);
      const ids = await users.idsByEmail(alice.email);
      assert.deepEqual(ids, [(await users.byUsername(names[winner] ?? ""))?.id]);
      assert.equal((await signIn(names[winner] ?? "", alice.password)).status, 200);
      const gone = [1, 2, 3].filter((id) => !ids.includes(id)).map((id) => `user_deleted:${id},address`);
      assert.deepEqual(
        seen.filter((event) => event.startsWith("user_")),
        [`user_updated:${ids[0]},activated`, ...gone],
      );
      for (const link of links) assert.notEqual((await post("activation/", link)).status, 204);
      assert.deepEqual(faults, []);
    });

    it("is not activated where its address has become another account's meanwhile", async (t) => {
      const { post, mails, users, stop } = await startAccounts(await create());
      t.after(stop);
      await post("", alice);
      await users.create({ username: "made-by-staff", email: "alice@example.com", password: "another horse" });
      assert.equal((await post("activation/", linkIn(mails()[0]))).status, 400);
      assert.equal((await users.byUsername("alice"))?.is_active, false);
      assert.equal((await users.byUsername("made-by-staff"))?.is_active, true);
    });

    it("activated twice at once is activated once", async () => {
      const { post, mails, stop, faults } = await startAccounts(await create());
      await post("", alice);
      const link = linkIn(mails()[0]);
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async () => (await post("activation/", link)).status),
      );
      assert.equal(statuses.filter((status) => status === 204).length, 1);
      assert.deepEqual(faults, []);
      await stop();
    });
  });

  describe(`registering without activation, ${name}`, () => {
    it("answers with the account, which can be used at once, and says that a name is taken", async () => {
      const { post, mails, signIn, stop } = await startAccounts(await create(), { activation: false });
      const { status, json } = await post("", alice);
      assert.deepEqual([status, json], [201, { email: "alice@example.com", id: 1, username: "alice" }]);
      assert.equal((await signIn("alice", "correct horse")).status, 200);
      const again = await post("", alice);
      assert.deepEqual([again.status, again.json], [400, { username: ["Somebody else has this name."] }]);
      assert.deepEqual(mails(), []);
      assert.equal((await post("activation/", {})).status, 404);
      await stop();
    });
  });
}
