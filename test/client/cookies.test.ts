/** The typed client whose tokens are cookies, in two tabs of one browser. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type Client, createClient } from "drf-auth/client";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import desk from "./desk.ts";

const credentials = { username: "alice", password: "alice-pass" };

for (const { name, create } of databases) {
  describe(`the typed client with cookies, ${name}`, () => {
    let test: TestApp;
    let asked: string[];
    let openTab: () => Client<typeof desk>;
    before(async () => {
      const settings = { accessLifetimeSeconds: 60, tokenCookies: true };
      test = await startTestApp(desk, await create(), { settings });
      await test.user("alice");
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });
    beforeEach(() => {
      asked = [];
      const cookies = new Map<string, string>();
      /** A browser's `fetch`: cookies are sent and kept, and so is where a request comes from. */
      const browse: typeof fetch = async (url, init) => {
        const headers = new Headers(init?.headers);
        headers.set("cookie", [...cookies].map(([key, value]) => `${key}=${value}`).join("; "));
        headers.set("origin", test.client.base);
        const response = await fetch(url, { ...init, headers });
        for (const line of response.headers.getSetCookie()) {
          const [, key = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value === "" || /max-age=0/i.test(line)) cookies.delete(key);
          else cookies.set(key, value);
        }
        asked.push(`${init?.method ?? "GET"} ${new URL(String(url)).pathname} ${response.status}`);
        return response;
      };
      openTab = () => createClient<typeof desk>(test.client.base, { fetch: browse, tokens: "cookies" });
    });

    it("signs in, writes, reads, and signs out", async () => {
      const { account, resources } = openTab();
      await account.signIn(credentials).orThrow();
      const { id } = await resources.notes.create({ title: `cookie ${name}` }).orThrow();
      assert.equal((await resources.notes.retrieve(id).orThrow()).id, id);
      await resources.notes.delete(id).orThrow();
      await account.signOut();
      const gone = await resources.notes.list();
      assert.ok(!gone.ok && gone.status === 401);
    });

    it("goes through every page of a list", async () => {
      const { account, resources } = openTab();
      await account.signIn(credentials).orThrow();
      for (let i = 0; i < 3; i++) await resources.notes.create({ title: `page ${i}` }).orThrow();
      const titles: string[] = [];
      for await (const note of resources.notes.all({})) titles.push(note.title);
      assert.deepEqual(titles, ["page 0", "page 1", "page 2"]);
      test.clock.now += 61_000;
      const again: string[] = [];
      for await (const note of resources.notes.all({})) again.push(note.title);
      assert.deepEqual(again, titles);
    });

    it("asks 50 times across the end of a token: one refresh, and every answer is right", async () => {
      const { account, resources } = openTab();
      await account.signIn(credentials).orThrow();
      test.clock.now += 61_000;
      asked.length = 0;
      const answers = await Promise.all(Array.from({ length: 50 }, () => resources.notes.list()));
      assert.ok(answers.every(({ ok }) => ok));
      assert.equal(asked.filter((line) => line.includes("/refresh/")).length, 1);
    });

    it("goes on writing after another tab signed in again", async () => {
      const [tab, other] = [openTab(), openTab()];
      await tab.account.signIn(credentials).orThrow();
      await other.account.signIn(credentials).orThrow();
      const { id } = await tab.resources.notes.create({ title: `tab ${name}` }).orThrow();
      await other.resources.notes.delete(id).orThrow();
      assert.equal(asked.filter((line) => line.startsWith("POST /api/v1/notes/ 403")).length, 1);
    });

    it("refreshes after another tab signed in again", async () => {
      const [tab, other] = [openTab(), openTab()];
      await tab.account.signIn(credentials).orThrow();
      await other.account.signIn(credentials).orThrow();
      test.clock.now += 61_000;
      await tab.resources.notes.list().orThrow();
    });

    it("sends no more than twice what is refused for another reason", async () => {
      const { account } = openTab();
      await account.signIn(credentials).orThrow();
      asked.length = 0;
      const { locked } = openTab().resources;
      const refused = await locked.create({ name: "no" });
      assert.ok(!refused.ok && refused.error.code === "permission_denied");
      assert.equal(asked.filter((line) => line.startsWith("POST")).length, 2);
    });
  });
}
