/** The typed client against a real server: what is asked, what comes back, who asks, and what is done when a token ends. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ApiFailure, type Client, createClient, memoryTokens, type Tokens } from "drf-auth/client";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import desk from "./desk.ts";

const password = "alice-pass";

for (const { name, create } of databases) {
  describe(`the typed client, ${name}`, () => {
    let test: TestApp;
    let client: Client<typeof desk>;
    const asked: string[] = [];
    const counting: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      asked.push(`${init?.method} ${new URL(String(url)).pathname} ${response.status}`);
      return response;
    };
    before(async () => {
      test = await startTestApp(desk, await create(), { settings: { accessLifetimeSeconds: 60 } });
      await test.user("alice");
      client = createClient<typeof desk>(test.client.base, { fetch: counting });
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("tells who may not sign in, and why", async () => {
      const { account, resources } = createClient<typeof desk>(test.client.base);
      const stranger = await resources.notes.list();
      assert.ok(!stranger.ok && stranger.status === 401 && stranger.error.code === "not_authenticated");
      const wrong = await account.signIn({ username: "alice", password: "wrong" });
      assert.ok(!wrong.ok && wrong.error.code === "not_authenticated");
    });

    it("creates, reads, changes and deletes", async () => {
      await client.account.signIn({ username: "alice", password }).orThrow();
      const { notes, authors } = client.resources;
      const author = await authors.create({ name: "Ann" }).orThrow();
      const made = await notes.create({ title: "One", price: 2.5, author: author.id, pin: "1234" });
      assert.ok(made.ok && made.status === 201);
      const { id } = made.data;
      assert.deepEqual([made.data.price, made.data.shout, "pin" in made.data], ["2.50", "ONE", false]);
      assert.deepEqual(await notes.retrieve(id).orThrow(), made.data);
      assert.deepEqual(await notes.retrieve(id, { fields: ["title"] }).orThrow(), { title: "One" });
      const changed = await notes.partialUpdate(id, { body: "text" }, { ifMatch: made.etag });
      assert.ok(changed.ok && changed.data.body === "text");
      const late = await notes.partialUpdate(id, { body: "other" }, { ifMatch: made.etag });
      assert.ok(!late.ok && late.error.code === "precondition_failed");
      assert.equal((await notes.update(id, { title: "Two" }).orThrow()).title, "Two");
      assert.equal(await notes.delete(id).orThrow(), undefined);
      const gone = await notes.retrieve(id);
      assert.ok(!gone.ok && gone.error.code === "not_found");
    });

    it("gives what is wrong by the names that were sent", async () => {
      const { notes } = client.resources;
      const wrong = await notes.create({ title: "far too long for a title", price: "x" });
      assert.ok(!wrong.ok && wrong.error.code === "invalid");
      assert.deepEqual(Object.keys(wrong.error.fields), ["title", "price"]);
      assert.equal(wrong.error.fields.title?.length, 1);
      await assert.rejects(notes.create({ title: "" }).orThrow(), (error: unknown) => {
        assert.ok(error instanceof ApiFailure);
        return error.failure.error.code === "invalid" && error.failure.status === 400;
      });
    });

    it("filters, sorts, pages, and walks all pages", async () => {
      const { notes, trail } = client.resources;
      const titles = ["a1", "a2", "a3", "a4", "b5"];
      const made = await notes.createMany(titles.map((title, i) => ({ title, price: i }))).orThrow();
      assert.equal(made.length, 5);
      const [first, second] = made;
      assert.ok(first && second);
      const ranked = await notes
        .partialUpdateMany([
          { id: first.id, body: "x" },
          { id: second.id, body: "y" },
        ])
        .orThrow();
      assert.deepEqual(
        ranked.map(({ body }) => body),
        ["x", "y"],
      );
      const page = await notes.list({ title__icontains: "A", ordering: "-price", page: 2 }).orThrow();
      assert.deepEqual([page.count, page.results.map(({ title }) => title)], [4, ["a1"]]);
      const some = await notes.list({ price__in: [1, "4.00"], ordering: ["title", "-price"] }).orThrow();
      assert.deepEqual(
        some.results.map(({ title }) => title),
        ["a2", "b5"],
      );
      assert.equal((await notes.list({ author__isnull: true, price__gte: 3 }).orThrow()).count, 2);
      const all: string[] = [];
      for await (const { title } of notes.all({ search: "a", ordering: "title" })) all.push(title);
      assert.deepEqual(all, ["a1", "a2", "a3", "a4"]);
      const walked: string[] = [];
      for await (const { title } of trail.all()) walked.push(title);
      assert.deepEqual(walked, titles);
      const shelved: string[] = [];
      for await (const { title } of client.resources.shelf.all({ offset: 1 })) shelved.push(title);
      assert.deepEqual(shelved, titles.slice(1));
      const author = { id: 1, name: "Ann", email: null };
      assert.deepEqual(await client.resources.authors.list().orThrow(), [author]);
      const signed = await notes.create({ title: "signed", author: author.id }).orThrow();
      const seen = await notes.retrieve(signed.id, { fields: ["title", "author"], expand: ["author"] }).orThrow();
      assert.deepEqual(seen, { title: "signed", author });
      assert.equal(await notes.deleteMany([signed.id]).orThrow(), undefined);
    });

    it("asks own actions and endpoints", async () => {
      const { results } = await client.resources.notes.list().orThrow();
      const [first] = results;
      assert.ok(first);
      const { raise, titles } = client.resources.notes.actions;
      assert.deepEqual(await raise.post(first.id, { by: 3 }).orThrow(), { rank: 3 });
      const wrong = await raise.post(first.id, { by: 0 });
      assert.ok(!wrong.ok && wrong.error.code === "invalid" && wrong.error.fields.by);
      assert.deepEqual(await titles.get({ search: "b" }).orThrow(), ["b5"]);
      assert.deepEqual(await client.endpoints.me.get().orThrow(), { name: "alice" });
      assert.deepEqual(await client.endpoints.sum.post({ numbers: [1, 2, 3] }).orThrow(), { sum: 6 });
    });

    it("sends files as a form", async () => {
      const paper = new File(["words"], "words.txt", { type: "text/plain" });
      const { paper: url } = await client.resources.notes.create({ title: "paper", price: "1.00", paper }).orThrow();
      assert.match(String(url), /words.*\.txt$/);
    });

    it("gives files as bytes, JSON among them", async () => {
      const { notes } = client.resources;
      for (const [type, bytes] of Object.entries({
        "a.bin": Uint8Array.of(0, 255, 128, 10),
        "a.json": Buffer.from('{"a": 1}'),
      })) {
        const { id } = await notes.create({ title: type, paper: new File([bytes], type) }).orThrow();
        const sheet: Blob = await notes.actions.sheet.get(id).orThrow();
        assert.deepEqual(Buffer.from(await sheet.arrayBuffer()), Buffer.from(bytes));
        await notes.delete(id).orThrow();
      }
    });

    it("sends what is inside of objects beside a file", async () => {
      const paper = new File(["words"], "words.txt", { type: "text/plain" });
      const to = { name: "bob", floor: 3 };
      const copies = [{ name: "carol" }, { name: "dave" }];
      const { got } = await client.endpoints.post.post({ paper, to, copies }).orThrow();
      assert.deepEqual(got, { to, copies });
    });

    it("does once what is sent again with one key", async () => {
      const { notes } = client.resources;
      const send = () => notes.create({ title: "once" }, { idempotencyKey: "k1" }).orThrow();
      assert.deepEqual(await send(), await send());
    });

    it("asks 50 times across the end of a token: one refresh, and every answer is right", async () => {
      test.clock.now += 61_000;
      asked.length = 0;
      const answers = await Promise.all(Array.from({ length: 50 }, () => client.resources.notes.list()));
      assert.ok(answers.every(({ ok }) => ok));
      assert.deepEqual(
        asked.filter((line) => line.includes("refresh")),
        ["POST /api/token/refresh/ 200"],
      );
      asked.length = 0;
      await client.resources.notes.list().orThrow();
      assert.deepEqual(asked, ["GET /api/v1/notes/ 200"]);
    });

    it("forgets tokens that the server refuses for good, and keeps them through a fault", async () => {
      const kept: (Tokens | undefined)[] = [];
      const memory = memoryTokens();
      const tokens = { get: memory.get, set: (given?: Tokens) => memory.set(kept[kept.push(given) - 1]) };
      let isAway = false;
      const failing: typeof fetch = async (url, init) => {
        if (isAway && String(url).includes("refresh")) throw new TypeError("fetch failed");
        return fetch(url, init);
      };
      const { account, endpoints } = createClient<typeof desk>(test.client.base, { tokens, fetch: failing });
      await account.signIn({ username: "alice", password }).orThrow();
      test.clock.now += 61_000;
      isAway = true;
      const away = await endpoints.me.get();
      assert.ok(!away.ok && away.status === 0 && away.error.code === "network");
      isAway = false;
      assert.ok((await endpoints.me.get()).ok);
      test.clock.now += 400 * 86_400_000;
      const over = await endpoints.me.get();
      assert.ok(!over.ok && over.error.code === "not_authenticated");
      assert.equal(kept.at(-1), undefined);
      assert.equal(kept.length, 3);
    });

    it("stays signed out where a refresh ends only afterwards", async () => {
      const tokens = memoryTokens();
      const refreshed = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const slow: typeof fetch = async (url, init) => {
        const response = await fetch(url, init);
        if (!String(url).includes("refresh")) return response;
        refreshed.resolve();
        await mayEnd.promise;
        return response;
      };
      const { account, endpoints } = createClient<typeof desk>(test.client.base, { tokens, fetch: slow });
      await account.signIn({ username: "alice", password }).orThrow();
      test.clock.now += 61_000;
      const late = endpoints.me.get();
      await refreshed.promise;
      await account.signOut();
      mayEnd.resolve();
      const answer = await late;
      assert.ok(!answer.ok && answer.status === 401);
      assert.equal(await tokens.get(), undefined);
    });

    it("rejects a call that is aborted, and goes on with the refresh that others share", async () => {
      const refreshing = Promise.withResolvers<void>();
      const mayRefresh = Promise.withResolvers<void>();
      const slow: typeof fetch = async (url, init) => {
        if (String(url).includes("refresh")) {
          refreshing.resolve();
          await mayRefresh.promise;
        }
        return fetch(url, init);
      };
      const { account, endpoints } = createClient<typeof desk>(test.client.base, { fetch: slow });
      await account.signIn({ username: "alice", password }).orThrow();
      test.clock.now += 61_000;
      const leaving = new AbortController();
      const given = endpoints.me.get(undefined, { signal: leaving.signal });
      await refreshing.promise;
      const kept = endpoints.me.get();
      leaving.abort();
      mayRefresh.resolve();
      await assert.rejects(given, { name: "AbortError" });
      assert.deepEqual(await kept.orThrow(), { name: "alice" });
      await assert.rejects(endpoints.me.get(undefined, { signal: leaving.signal }), { name: "AbortError" });
    });

    it("signs out on the server, too", async () => {
      const memory = memoryTokens();
      const { account, endpoints } = createClient<typeof desk>(test.client.base, { tokens: memory });
      await account.signIn({ username: "alice", password }).orThrow();
      const used = await memory.get();
      assert.ok(used);
      await account.signOut().orThrow();
      assert.equal(await memory.get(), undefined);
      const { status } = await test.client("POST", "/api/token/refresh/", { json: { refresh: used.refresh } });
      assert.equal(status, 401);
      const out = await endpoints.me.get();
      assert.ok(!out.ok && out.status === 401);
    });
  });
}
