/** What actions and endpoints of one's own answer with, and what runs around their `update()`. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import {
  Conflict,
  defineApp,
  download,
  endpoint,
  field,
  model,
  permission,
  resource,
  ValidationError,
} from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Task = model("task", {
  fields: {
    title: field.text(),
    slug: field.text({ unique: true, null: true }),
    cost: field.decimal({ maxDigits: 6, decimalPlaces: 2, default: "0.00" }),
    version: field.integer({ default: 1 }),
  },
});
const Line = model("line", { fields: { text: field.text() } });

const committed: unknown[] = [];
const total = { tasks: field.integer(), cost: field.decimal({ maxDigits: 9, decimalPlaces: 2 }) };
const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {
    tasks: resource(Task, {
      permissions,
      hooks: {
        preSave({ values, before }) {
          if (values.title === "forbidden")
            throw new ValidationError({ title: [{ code: "forbidden", message: "Expected another title." }] });
          return { version: (before?.version ?? 0) + 1 };
        },
        postSave: ({ row, before, table }) =>
          table(Line).insert({ text: `${before?.title ?? "nothing"} -> ${row.title}` }),
        onCommit: ({ row, before }) => committed.push([before?.title, row?.title]),
      },
      actions: {
        rename: {
          method: "POST",
          on: "detail",
          input: { title: field.text() },
          run: ({ update, input }) => update({ title: input.title }),
        },
        refuse: {
          method: "POST",
          on: "detail",
          async run({ update }) {
            await update({ title: "kept" });
            throw new Conflict("Too late.");
          },
        },
        loose: { method: "GET", on: "list", run: () => download("a.txt") },
        gone: { method: "GET", on: "list", output: field.file(), run: () => download("a.txt") },
        ping: { method: "POST", on: "list", run: () => undefined },
        queue: { method: "POST", on: "list", status: 202, run: () => undefined },
        total: {
          method: "GET",
          on: "list",
          output: total,
          run: async ({ table }) => ({ tasks: await table(Task).count(), cost: "7", secret: "not shown" }),
        },
        titles: {
          method: "GET",
          on: "list",
          output: field.list({ of: field.text() }),
          run: async ({ table }) => (await table(Task).list({ order: ["id"] })).map(({ title }) => title),
        },
        twin: {
          method: "GET",
          on: "detail",
          output: { title: field.text() },
          run: ({ object, table }) => table(Task).find(object.id + 1),
        },
      },
    }),
    lines: resource(Line, { permissions, only: ["list"] }),
  },
  endpoints: {
    both: endpoint({
      permissions,
      methods: {
        POST: {
          input: { first: field.text(), second: field.text() },
          output: { made: field.integer() },
          run: ({ input, transaction }) =>
            transaction(async ({ table }) => {
              await table(Task).insert({ title: input.first, slug: input.first });
              await table(Task).insert({ title: input.second, slug: input.second });
              return { made: 2 };
            }),
        },
      },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`own actions and endpoints on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });
    beforeEach(async () => {
      for (const { id } of (await test.client("GET", "/api/v1/tasks/")).json.results)
        await test.client("DELETE", `/api/v1/tasks/${id}/`);
      committed.length = 0;
    });
    const made = async (title: string): Promise<number> =>
      (await test.client("POST", "/api/v1/tasks/", { json: { title } })).json.id;
    const post = (path: string, json: unknown) => test.client("POST", `/api/v1/${path}`, { json });
    const lastLine = async () => (await test.client("GET", "/api/v1/lines/?page=last")).json.results.at(-1)?.text;

    it("hooks run around update() as they do around a PATCH", async () => {
      const id = await made("old");
      const { status, json, text } = await post(`tasks/${id}/rename/`, { title: "new" });
      assert.equal(status, 200, text);
      assert.deepEqual([json.title, json.version], ["new", 2]);
      assert.equal(await lastLine(), "old -> new");
      assert.deepEqual(committed.at(-1), ["old", "new"]);
    });

    it("a file that was not declared is a fault of the code, since documents would not tell it", async () => {
      assert.equal((await test.client("GET", "/api/v1/tasks/loose/")).status, 500);
      const [fault] = test.faults.splice(0);
      assert.match(String(fault), /expected `output: field\.file\(\)`/);
    });

    it("a file where no files are kept is not there", async () => {
      const { status, json } = await test.client("GET", "/api/v1/tasks/gone/");
      assert.deepEqual([status, json], [404, { detail: "There is nothing here." }]);
    });

    it("what returns nothing is a 204, unless its declaration names another status", async () => {
      for (const [name, status] of [
        ["ping", 204],
        ["queue", 202],
      ] as const) {
        const answer = await post(`tasks/${name}/`, {});
        assert.deepEqual([answer.status, answer.text, answer.headers.get("content-type")], [status, "", null]);
      }
    });

    it("a hook refuses what update() writes, and nothing is kept", async () => {
      const id = await made("old");
      const refused = await post(`tasks/${id}/rename/`, { title: "forbidden" });
      assert.deepEqual([refused.status, refused.json], [400, { title: ["Expected another title."] }]);
      assert.equal((await test.client("GET", `/api/v1/tasks/${id}/`)).json.title, "old");
      assert.equal(committed.length, 1);
    });

    it("what update() wrote is kept, whatever the action does after it", async () => {
      const id = await made("old");
      assert.equal((await post(`tasks/${id}/refuse/`, {})).status, 409);
      assert.equal((await test.client("GET", `/api/v1/tasks/${id}/`)).json.title, "kept");
      assert.deepEqual(committed.at(-1), ["old", "kept"]);
    });

    it("an output shows its fields, as they say, and no others", async () => {
      await made("one");
      assert.deepEqual((await test.client("GET", "/api/v1/tasks/total/")).json, { tasks: 1, cost: "7.00" });
    });

    it("an output is no object where it is another field", async () => {
      await made("one");
      await made("two");
      assert.deepEqual((await test.client("GET", "/api/v1/tasks/titles/")).json, ["one", "two"]);
    });

    it("where there is nothing to show the answer is a 404", async () => {
      const one = await made("one");
      assert.equal((await test.client("GET", `/api/v1/tasks/${one}/twin/`)).status, 404);
      await made("two");
      assert.deepEqual((await test.client("GET", `/api/v1/tasks/${one}/twin/`)).json, { title: "two" });
    });

    it("an endpoint's transaction keeps all or nothing, and what is taken is a 400", async () => {
      assert.deepEqual((await post("both/", { first: "a", second: "b" })).json, { made: 2 });
      const taken = await post("both/", { first: "c", second: "a" });
      assert.equal(taken.status, 400, taken.text);
      assert.deepEqual((await test.client("GET", "/api/v1/tasks/titles/")).json, ["a", "b"]);
    });

    it("an output is data that others read", () => {
      const action = test.endpoints.find(({ path }) => path.endsWith("/tasks/total/"))?.actions.GET;
      assert.equal(action?.output, total);
    });
  });
}

describe("the compiler", () => {
  it("knows what an output shows", () => {
    const declarations = () => [
      resource(Task, {
        actions: {
          // @ts-expect-error  the number is missing
          total: { method: "GET", on: "list", output: total, run: () => ({ cost: "7" }) },
          // @ts-expect-error  no list of texts
          titles: { method: "GET", on: "list", output: field.list({ of: field.text() }), run: async () => [1] },
          fine: { method: "GET", on: "detail", output: total, run: ({ object }) => ({ tasks: object.id, cost: "1" }) },
        },
      }),
      // @ts-expect-error  a text is no number
      endpoint({ methods: { GET: { output: { open: field.integer() }, run: () => ({ open: "many" }) } } }),
    ];
    void declarations;
  });
});
