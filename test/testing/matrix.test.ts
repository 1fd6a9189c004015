/** The matrix: what it asks, of whom, and how it reads the answers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type App,
  Conflict,
  defineApp,
  endpoint,
  field,
  model,
  permission,
  query,
  resource,
  scope,
  ValidationError,
} from "drf-auth";
import { type AuthorizationMatrix, authorizationMatrix, type MatrixOptions } from "../../src/testing/index.ts";
import { databases } from "../databases.ts";

const Note = model("note", { fields: { text: field.text({ maxLength: 20 }), owner: field.owner() } });
const anyone = [permission.allowAny()];
const ownersOnly = [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")];

/** The line of an action: a letter an actor (allowed, denied, hidden), `-` where nobody was asked. */
function lineOf({ cells }: AuthorizationMatrix, action: string): string {
  const actors = ["anonymous", "user", "owner", "other", "staff", "admin", "inactive"];
  return actors
    .map((actor) => cells.find((cell) => cell.action === action && cell.actor === actor)?.verdict[0] ?? "-")
    .join("");
}

for (const { name, url } of databases) {
  const matrixOf = async (app: App, options: MatrixOptions = {}) =>
    authorizationMatrix(app, { databaseUrl: await url(), ...options });

  describe(`the matrix on ${name}`, () => {
    it("has every action of every resource, and every method of every endpoint, in the order of the declaration", async () => {
      const app = defineApp({
        resources: {
          notes: resource(Note, {
            actions: {
              shout: { method: "POST", on: "detail", run: () => ({}) },
              recent: { method: "GET", on: "list", run: ({ list }) => list() },
            },
          }),
          "notes-read": resource(Note, { only: ["list"] }),
        },
        endpoints: { ping: endpoint({ methods: { GET: { run: () => ({}) }, DELETE: { run: () => ({}) } } }) },
      });
      const { cells, toText } = await matrixOf(app);
      const actions = [...new Set(cells.map(({ action }) => action))];
      const notes = ["list", "create", "retrieve", "update", "partialUpdate", "delete", "shout", "recent"];
      const expected = [...notes.map((action) => `notes.${action}`), "notes-read.list", "ping.get", "ping.delete"];
      assert.deepEqual(actions, expected);
      const lines = toText().trimEnd().split("\n");
      assert.deepEqual(
        lines.map((line) => line.split(" ")[0]),
        ["action", ...expected],
      );
      assert.match(lines[6] ?? "", /^notes\.delete +denied +allowed +allowed +allowed +allowed +allowed +denied$/);
    });

    it("says allowed, denied or hidden; a list without the row hides it", async () => {
      const app = defineApp({
        resources: {
          open: resource(Note, { permissions: anyone }),
          own: resource(Note, { permissions: ownersOnly }),
          secret: resource(Note, { permissions: [permission.authenticated()], scope: scope.owner("owner") }),
        },
      });
      const matrix = await matrixOf(app);
      assert.equal(lineOf(matrix, "open.list"), "aaaaaad");
      assert.equal(lineOf(matrix, "open.delete"), "aaaaaad");
      assert.equal(lineOf(matrix, "own.list"), "aaaaaad");
      assert.equal(lineOf(matrix, "own.create"), "da--aad");
      assert.equal(lineOf(matrix, "own.update"), "ddadddd");
      assert.equal(lineOf(matrix, "secret.list"), "dhahhhd");
      assert.equal(lineOf(matrix, "secret.partialUpdate"), "dhahhhd");
    });

    it("asks about an own row of every question, so that no answer changes the next", async () => {
      const seen: unknown[] = [];
      const app = defineApp({
        resources: {
          notes: resource(Note, {
            permissions: anyone,
            actions: {
              count: {
                method: "POST",
                on: "detail",
                run: async ({ table }) => seen.push(await table(Note).count()),
              },
            },
          }),
        },
      });
      const matrix = await matrixOf(app);
      assert.equal(lineOf(matrix, "notes.delete"), "aaaaaad");
      // One row of the owner's; `other` has one of his own besides.
      assert.deepEqual(seen, [1, 1, 1, 2, 1, 1]);
    });

    it("lists the writes that anonymous or other may do", async () => {
      const app = defineApp({
        resources: {
          open: resource(Note, { permissions: anyone, only: ["retrieve", "delete"] }),
          forgotten: resource(Note, { permissions: [permission.authenticated()], only: ["list", "update"] }),
          own: resource(Note, { permissions: ownersOnly }),
        },
      });
      assert.deepEqual((await matrixOf(app)).unguardedWrites, [
        { action: "open.delete", actor: "anonymous" },
        { action: "open.delete", actor: "other" },
        { action: "forgotten.update", actor: "other" },
      ]);
    });

    it("a row is the owner's through the rows that it needs; somebody else's may not be linked to", async () => {
      const Board = model("board", { fields: { title: field.slug(), owner: field.owner() } });
      const Card = model("card", { fields: { board: field.foreignKey(Board, { null: true }), text: field.text() } });
      const permissions = [permission.authenticated()];
      const app = defineApp({
        resources: {
          boards: resource(Board, { permissions, scope: scope.owner("owner") }),
          cards: resource(Card, { permissions, scope: scope.owner("board.owner") }),
        },
      });
      const matrix = await matrixOf(app);
      assert.equal(lineOf(matrix, "cards.update"), "dhahhhd");
      assert.equal(lineOf(matrix, "cards.create"), "dhahhhd");
    });

    it("rows that point at each other end in null", async () => {
      const Person: ReturnType<typeof personModel> = personModel(() => Team);
      const Team = model("team", { fields: { name: field.text(), lead: field.foreignKey(Person) } });
      const app = defineApp({ resources: { people: resource(Person), teams: resource(Team) } });
      const matrix = await matrixOf(app);
      assert.equal(lineOf(matrix, "people.update"), "da--aad");
      assert.equal(lineOf(matrix, "teams.create"), "da--aad");
    });

    it("rows that protect each other are taken away in the order that goes", async () => {
      const Shelf = model("shelf", { fields: { name: field.text() } });
      const Book = model("book", { fields: { shelf: field.foreignKey(Shelf, { onDelete: "protect" }) } });
      const Copy = model("copy", { fields: { book: field.foreignKey(Book, { onDelete: "protect" }) } });
      const app = defineApp({ resources: { shelves: resource(Shelf), copies: resource(Copy) } });
      assert.equal(lineOf(await matrixOf(app), "copies.update"), "da--aad");
    });

    it("a body is made up for every kind of field", async () => {
      const Everything = model("everything", {
        fields: {
          ...{
            code: field.text({ primaryKey: true, readOnly: false, maxLength: 3 }),
            name: field.slug({ unique: true }),
          },
          ...{
            isbn: field.text({ maxLength: 13, unique: true, pattern: /^\d{13}$/ }),
            state: field.text({ pattern: /^[A-Z]{2}$/, maxLength: 2 }),
          },
          ...{
            mail: field.email({ unique: true }),
            site: field.url(),
            key: field.uuid({ unique: true }),
            from: field.ip(),
          },
          ...{
            yes: field.boolean(),
            size: field.integer({ min: 5, max: 7 }),
            weight: field.float({ min: 0.5, max: 0.75 }),
          },
          ...{
            price: field.decimal({ maxDigits: 4, decimalPlaces: 2, min: 1, max: 2 }),
            rate: field.decimal({ maxDigits: 2, decimalPlaces: 2 }),
          },
          ...{
            at: field.datetime(),
            day: field.date(),
            hour: field.time(),
            span: field.duration(),
            data: field.json(),
          },
          ...{
            kind: field.choice({
              choices: [
                ["a", "A"],
                ["b", "B"],
              ],
              maxLength: 1,
            }),
            even: field.integer({ validators: [] }),
          },
          ...{ notes: field.manyToMany(Note) },
        },
      });
      const input = { words: field.list({ of: field.text(), minItems: 2 }), map: field.dict({ of: field.integer() }) };
      const app = defineApp({
        resources: { things: resource(Everything) },
        endpoints: {
          echo: endpoint({
            permissions: anyone,
            methods: {
              POST: {
                input: {
                  ...input,
                  object: field.nested({ fields: { note: field.foreignKey(Note), any: field.list() } }),
                },
                run: ({ input }) => input,
              },
            },
          }),
        },
      });
      const matrix = await matrixOf(app);
      assert.deepEqual(
        matrix.cells.filter(({ actor }) => actor === "user").map(({ action, status }) => `${action} ${status}`),
        [
          ...["things.list 200", "things.create 201", "things.retrieve 200", "things.update 200"],
          ...["things.partialUpdate 200", "things.delete 204", "echo.post 200"],
        ],
      );
    });

    it("files are made up as well, and sent in a form with everything else", async () => {
      const File = model("file", {
        fields: {
          paper: field.file({ extensions: ["pdf"] }),
          cover: field.image(),
          notes: field.manyToMany(Note),
          facts: field.json(),
          ready: field.boolean({ required: true }),
          owner: field.owner(),
        },
      });
      const Page = model("page", { fields: { file: field.foreignKey(File), number: field.integer() } });
      const app = defineApp({
        resources: {
          files: resource(File, {
            extra: { pages: field.children(Page, "file", { minItems: 1 }) },
            permissions: ownersOnly,
            actions: { send: { method: "POST", on: "detail", input: { to: field.file() }, run: () => ({}) } },
          }),
        },
      });
      const matrix = await matrixOf(app);
      const writes = ["create", "update", "partialUpdate", "delete", "send"].map((name) => `files.${name}`);
      assert.deepEqual(
        writes.map((action) => lineOf(matrix, action)),
        ["daaaaad", "ddadddd", "ddadddd", "ddadddd", "ddadddd"],
      );
      const created = matrix.cells.find(({ action, actor }) => action === "files.create" && actor === "user");
      assert.equal(created?.status, 201);
    });

    it("a resource over a query is asked about a row that other rows give it", async () => {
      const Loud = query("loud", {
        fields: { note: field.foreignKey(Note, { primaryKey: true }), text: field.text() },
        from: (db) => db.selectFrom("note as n").select(["n.id as note_id", "n.text"]),
      });
      const app = defineApp({ resources: { notes: resource(Note), loud: resource(Loud) } });
      const matrix = await matrixOf(app);
      assert.equal(lineOf(matrix, "loud.retrieve"), "aaaaaad");
      assert.equal(lineOf(matrix, "loud.list"), "aaaaaad");
    });

    it("rates are not counted, and own refusals are no refusal of the actor", async () => {
      const app = defineApp({
        throttle: { token: "1/day", ping: "1/day" },
        resources: {
          notes: resource(Note, {
            permissions: anyone,
            only: ["delete"],
            hooks: {
              preDelete() {
                throw new ValidationError({ text: [{ code: "kept", message: "Notes are kept." }] });
              },
            },
            actions: {
              lock: {
                method: "POST",
                on: "list",
                run() {
                  throw new Conflict("Locked already.");
                },
              },
            },
          }),
        },
        endpoints: {
          ping: endpoint({ throttleScope: "ping", permissions: anyone, methods: { POST: { run: () => ({}) } } }),
        },
      });
      const matrix = await matrixOf(app);
      assert.equal(lineOf(matrix, "notes.delete"), "aaaaaad");
      assert.equal(lineOf(matrix, "notes.lock"), "aa--aad");
      assert.equal(lineOf(matrix, "ping.post"), "aa--aad");
    });

    it("an answer that is a fault ends it, with what was thrown", async () => {
      const fault = new Error("the cable is out");
      const run = () => {
        throw fault;
      };
      const app = defineApp({ resources: {}, endpoints: { ping: endpoint({ methods: { GET: { run } } }) } });
      await assert.rejects(matrixOf(app), (error: Error) => {
        assert.match(error.message, /^ping\.get as anonymous: GET \/api\/v1\/ping\/ was answered with 500$/);
        return error.cause === fault;
      });
    });
  });

  describe(`samples on ${name}`, () => {
    const validators = [{ code: "prime", message: "Not a prime.", isValid: (value: number) => value === 7919 }];
    const Lock = model("door.lock", { fields: { code: field.integer({ validators }), owner: field.owner() } });
    const app = defineApp({ resources: { locks: resource(Lock, { permissions: ownersOnly }) } });

    it("a value that cannot be made up is asked for, by model and field", async () => {
      await assert.rejects(matrixOf(app), {
        name: "ConfigurationError",
        message:
          'model "door.lock", field "code": no value that it accepts can be made up; expected one in samples: { "door.lock": { code: … } }',
      });
      const matrix = await matrixOf(app, { samples: { "door.lock": { code: 7919 } } });
      assert.equal(lineOf(matrix, "locks.update"), "ddadddd");
    });

    it("a value that a hook refuses is asked for, by model and field, with what the API said", async () => {
      const hooked = defineApp({
        resources: {
          notes: resource(Note, {
            hooks: {
              preSave({ values: { text } }) {
                if (text?.startsWith("Dear")) return undefined;
                throw new ValidationError({ text: [{ code: "rude", message: "Say Dear." }] });
              },
            },
          }),
        },
      });
      await assert.rejects(matrixOf(hooked), {
        name: "ConfigurationError",
        message:
          /^model "note", field "text": .*notes\.create as user: \{"text":\["Say Dear\."\]\}.* samples: \{ "note": /,
      });
      const matrix = await matrixOf(hooked, { samples: { note: { text: "Dear all" } } });
      assert.equal(lineOf(matrix, "notes.create"), "da--aad");
    });

    it("a function gives another value each time; own actions have samples under their own name", async () => {
      const Part = model("part", { fields: { number: field.text({ unique: true, pattern: /^P-\d+-X$/ }) } });
      const parts = defineApp({
        resources: {
          parts: resource(Part, {
            actions: {
              move: {
                method: "POST",
                on: "detail",
                input: { to: field.text({ pattern: /^bay \d$/ }) },
                run: () => ({}),
              },
            },
          }),
        },
      });
      const part = { number: (n: number) => `P-${n}-X` };
      await assert.rejects(matrixOf(parts, { samples: { part } }), {
        message: /^input of "parts\.move", field "to": .* samples: \{ "parts\.move": \{ to: … \} \}$/,
      });
      const matrix = await matrixOf(parts, { samples: { part, "parts.move": { to: "bay 3" } } });
      assert.equal(lineOf(matrix, "parts.create"), "da--aad");
      assert.equal(lineOf(matrix, "parts.move"), "da--aad");
    });
  });
}

const personModel = <T extends Parameters<typeof field.foreignKey>[0]>(team: T) =>
  model("person", { fields: { name: field.text(), team: field.foreignKey(team, { null: true }) } });
