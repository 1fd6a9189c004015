/** The five actions: what is written, what hangs on what, and who wins a race. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { databases } from "../databases.ts";
import { Author, library, Publisher, Shelf, Tag } from "./library.ts";

const all = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));
const counts = (answers: readonly { status: number }[]): Record<number, number> => {
  const found: Record<number, number> = {};
  for (const { status } of answers) found[status] = (found[status] ?? 0) + 1;
  return found;
};

for (const { name, create } of databases) {
  describe(`CRUD on ${name}`, () => {
    let test: TestApp;
    let alice: TestUser;
    let bob: TestUser;
    before(async () => {
      test = await startTestApp(library, await create());
      alice = await test.user("alice");
      bob = await test.user("bob");
      await test.insert(Author, [{ name: "Ann" }, { name: "Ben" }]);
      await test.insert(Tag, [{ name: "one" }, { name: "two" }, { name: "three" }]);
    });
    after(() => test.stop());

    const post = (path: string, json: unknown, user = alice) =>
      test.client("POST", `/api/v1/${path}/`, { json, headers: user.bearer });
    const patch = (path: string, json: unknown, user = alice) =>
      test.client("PATCH", `/api/v1/${path}/`, { json, headers: user.bearer });
    const remove = (path: string, user = alice) => test.client("DELETE", `/api/v1/${path}/`, { headers: user.bearer });
    const get = (path: string) => test.client("GET", `/api/v1/${path}/`);
    const book = async (json: object) => (await post("books", { title: crypto.randomUUID(), author: 1, ...json })).json;

    it("the owner is whoever is signed in, whatever is sent; times are the server's", async () => {
      const sent = { title: "Mine", author: 1, owner: bob.id, id: 900, created_at: "2000-01-01T00:00:00Z" };
      const made = await post("books", sent);
      assert.equal(made.status, 201);
      assert.deepEqual(
        { owner: made.json.owner, created_at: made.json.created_at, updated_at: made.json.updated_at },
        { owner: alice.id, created_at: "2024-06-01T12:00:00Z", updated_at: "2024-06-01T12:00:00Z" },
      );
      assert.notEqual(made.json.id, 900);
      test.clock.now += 1500;
      const changed = await patch(`books/${made.json.id}`, { title: "Still mine", owner: bob.id });
      test.clock.now -= 1500;
      assert.equal(changed.json.owner, alice.id);
      assert.equal(changed.json.created_at, "2024-06-01T12:00:00Z");
      assert.equal(changed.json.updated_at, "2024-06-01T12:00:01.500000Z");
    });

    it("PUT needs every required field, PATCH none; what is not sent stays as it is", async () => {
      const { id, title } = await book({ tags: [1, 2] });
      const put = await test.client("PUT", `/api/v1/books/${id}/`, { json: { title: "x" }, headers: alice.bearer });
      assert.equal(put.status, 400);
      assert.deepEqual(Object.keys(put.json), ["author"]);
      const { json } = await patch(`books/${id}`, {});
      assert.deepEqual([json.title, json.tags], [title, [1, 2]]);
    });

    it("links are replaced as a set", async () => {
      const { id } = await book({ tags: [3, 1, 3] });
      assert.deepEqual((await get(`books/${id}`)).json.tags, [1, 3]);
      assert.deepEqual((await patch(`books/${id}`, { tags: [2, 3] })).json.tags, [2, 3]);
      assert.deepEqual((await patch(`books/${id}`, { tags: [] })).json.tags, []);
      assert.equal((await patch(`books/${id}`, { tags: [1, 999] })).status, 400);
      assert.deepEqual((await get(`books/${id}`)).json.tags, []);
    });

    it("a value that must be unique is a 400 under its name; of several together under none", async () => {
      await book({ title: "Twice", isbn: "1" });
      const single = await post("books", { title: "Other", author: 1, isbn: "1" });
      assert.equal(single.status, 400);
      assert.deepEqual(Object.keys(single.json), ["isbn"]);
      const together = await post("books", { title: "Twice", author: 1 });
      assert.equal(together.status, 400);
      assert.deepEqual(Object.keys(together.json), ["non_field_errors"]);
      assert.equal((await post("books", { title: "Twice", author: 2 })).status, 201);
      const { id } = await book({ title: "Thrice" });
      assert.equal((await patch(`books/${id}`, { title: "Twice" })).status, 400);
      assert.equal((await patch(`books/${id}`, { title: "Thrice" })).status, 200);
    });

    it("of 200 who create one unique value at the same time one wins, the others get a 400", async () => {
      const answers = await all(200, () => post("shelves", { name: "window" }));
      assert.deepEqual(counts(answers), { 201: 1, 400: 199 });
      for (const { status, json } of answers) if (status === 400) assert.deepEqual(Object.keys(json), ["name"]);
      const pairs = await all(50, () => post("books", { title: "Race", author: 1 }));
      assert.deepEqual(counts(pairs), { 201: 1, 400: 49 });
      for (const { status, json } of pairs)
        if (status === 400) assert.deepEqual(Object.keys(json), ["non_field_errors"]);
    });

    it("of many who change the same links at the same time every one succeeds, and one set is left", async () => {
      const { id } = (await post("samples", { tags: [] })).json;
      const sets = [[1], [1, 2], [2, 3], [1, 2, 3], [3]];
      const answers = await all(40, (i) => patch(`samples/${id}`, { tags: sets[i % sets.length] }));
      assert.deepEqual(counts(answers), { 200: 40 });
      const { json } = await get(`samples/${id}`);
      assert.ok(
        sets.some((set) => String(set) === String(json.tags)),
        `no set that was sent: ${json.tags}`,
      );
    });

    it("a row that goes while others point to it leaves a refusal or nothing, and no link to nowhere", async () => {
      for (let round = 0; round < 15; round++) {
        await test.insert(Author, [{ name: "Brief" }]);
        await test.insert(Tag, [{ name: `brief-${round}` }]);
        const [author, tag] = [(await get("authors")).json.count, (await get("tags")).json.count + round];
        const makers = all(6, (i) => post("books", { title: `B${round}.${i}`, author, tags: [3] }));
        const linkers = all(4, (i) => post("books", { title: `L${round}.${i}`, author: 1, tags: [tag] }));
        const [, , ...made] = (
          await Promise.all([remove(`authors/${author}`), remove(`tags/${tag}`), makers, linkers])
        ).flat();
        for (const { status, text } of made) assert.ok([201, 400, 409].includes(status), `${status} ${text}`);
        await remove(`authors/${author}`);
      }
      assert.deepEqual(test.faults, []);
    });

    it("a row that goes while it is changed is a 404 or was changed before", async () => {
      for (let round = 0; round < 10; round++) {
        const { id } = await book({ tags: [1] });
        const answers = await Promise.all([
          patch(`books/${id}`, { tags: [2, 3] }),
          remove(`books/${id}`),
          remove(`books/${id}`),
          patch(`books/${id}`, { tags: [] }),
        ]);
        for (const { status, text } of answers) assert.ok([200, 204, 404, 409].includes(status), `${status} ${text}`);
      }
    });

    it("deleting takes along what hangs on a row, unlinks what need not, and is refused where something needs it", async () => {
      await test.insert(Author, [{ name: "Leaving" }]);
      await test.insert(Publisher, [{ name: "Needed" }]);
      await test.insert(Shelf, [{ name: "broken" }]);
      const last = async (path: string) => (await get(path)).json.results.at(-1).id;
      const [author, publisher, shelf] = [await last("authors"), await last("publishers"), await last("shelves")];
      const { id } = await book({ author, publisher, shelf, tags: [1, 2] });
      assert.equal((await remove(`shelves/${shelf}`)).status, 204);
      assert.equal((await get(`books/${id}`)).json.shelf, null);
      const refused = await remove(`publishers/${publisher}`);
      assert.equal(refused.status, 409, refused.text);
      assert.equal((await get(`publishers/${publisher}`)).status, 200);
      assert.equal((await remove(`authors/${author}`)).status, 204);
      assert.equal((await get(`books/${id}`)).status, 404);
      assert.equal((await remove(`publishers/${publisher}`)).status, 204);
      const linked = await book({ tags: [2] });
      await test.insert(Tag, [{ name: "leaving" }]);
      assert.equal((await remove(`books/${linked.id}`)).status, 204);
      assert.equal((await remove(`books/${linked.id}`)).status, 404);
    });

    it("a key that no row can have is a 404", async () => {
      for (const key of [
        "0",
        "-1",
        "999999",
        "x",
        "9".repeat(30),
        "9223372036854775808",
        "%00",
        "1%00",
        "%F0%9F%98%80",
        "__proto__",
        "1;drop",
        "null",
        "1e1",
      ]) {
        for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
          const { status } = await test.client(method, `/api/v1/books/${key}/`, {
            json: method === "GET" ? undefined : {},
            headers: alice.bearer,
          });
          assert.equal(status, 404, `${method} ${key}`);
        }
      }
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
