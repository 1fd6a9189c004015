/** dumpdata, loaddata, backup and restore as they are typed. */
import assert from "node:assert/strict";
import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, it } from "node:test";
import { readConsistently } from "../../src/db/index.ts";
import { ownModels } from "../../src/moving/index.ts";
import { readTables } from "../../src/moving/inspect/tables.ts";
import { databases } from "../databases.ts";
import { createProject, type TestProject } from "./project.ts";

const app = `
import { defineApp, field, model, resource } from "drf-auth";

const Note = model("desk.note", { fields: { title: field.text({ maxLength: 100 }), body: field.text({ blank: true }) } });

export default defineApp({ resources: { notes: resource(Note) } });
`;

/** With this much room for objects a fixture that is kept as a whole ends the process. */
const littleRoom = { NODE_OPTIONS: "--max-old-space-size=72" };
const many = 40_000;
const body = "x".repeat(2500);

for (const { name, create } of databases) {
  describe(`moving data, on ${name}`, () => {
    let project: TestProject;
    let environment: Record<string, string>;
    let drop: () => Promise<void>;
    const run = (words: readonly string[], more: Record<string, string> = {}, input = "") =>
      project.run(words, { environment: { ...environment, ...more }, input });
    before(async () => {
      const database = await create();
      drop = database.drop;
      project = await createProject(app);
      environment = { DATABASE_URL: database.url, SECRET_KEY: "a secret of tests, thirty-two characters" };
      for (const command of [["makemigrations"], ["migrate"]]) assert.equal((await run(command)).code, 0);
    });
    after(async () => {
      await project.remove();
      await drop();
    });

    it("a file is loaded and dumped, and what was done is told, as JSON where that is asked for", async () => {
      const objects = [1, 2].map((pk) => ({ model: "desk.note", pk, fields: { title: `n${pk}` } }));
      await project.write("notes.json", JSON.stringify(objects));
      const loaded = await run(["loaddata", "notes.json"]);
      assert.deepEqual([loaded.code, loaded.out, loaded.err], [0, "2 rows of 1 models loaded\n", ""]);
      const dumped = await run(["dumpdata", "desk", "--output", "out.jsonl", "--json"]);
      const { seconds, ...told } = JSON.parse(dumped.out);
      assert.equal(typeof seconds, "number");
      assert.deepEqual(told, { output: "out.jsonl", format: "jsonl", rows: 2, models: { "desk.note": 2 } });
      const line = '{"model": "desk.note", "pk": 1, "fields": {"title": "n1", "body": ""}}';
      assert.equal((await readFile(project.path("out.jsonl"), "utf8")).split("\n")[0], line);
      assert.equal((await stat(project.path("out.jsonl"))).mode & 0o077, 0, "nobody else may read it");
    });

    it("one command's output is another's input", async () => {
      const { out, code, err } = await run(["dumpdata", "desk.Note"]);
      assert.deepEqual([code, err], [0, "2 rows of 1 models written\n"]);
      const loaded = await run(["loaddata", "-"], {}, out.replace('"n2"', '"other"'));
      assert.deepEqual([loaded.code, loaded.out], [0, "2 rows of 1 models loaded\n"]);
      assert.match((await run(["dumpdata", "desk"])).out, /"other"/);
    });

    it("what is left out is left out, and what is unknown is named", async () => {
      const excluded = await run(["dumpdata", "--exclude", "desk,contenttypes,auth.permission"]);
      assert.deepEqual([excluded.code, excluded.out], [0, "[\n]\n"]);
      const unknown = await run(["dumpdata", "zoo"]);
      assert.equal(unknown.code, 1);
      assert.match(unknown.err, /there is no model or label "zoo"; models: .*desk\.note/);
      assert.equal((await run(["dumpdata", "--json"])).code, 2);
      assert.equal((await run(["dumpdata", "--format", "xml"])).code, 2);
      assert.equal((await run(["loaddata", "missing.json"])).code, 1);
    });

    it("a fixture with an error at its end leaves nothing, and the exit code says so", async () => {
      const before = (await run(["dumpdata", "desk"])).out;
      const broken = '[{"model": "desk.note", "pk": 50, "fields": {"title": "t"}}, {"model": "desk.note"';
      const { code, err } = await run(["loaddata", "-"], {}, broken);
      assert.equal(code, 1);
      assert.match(err, /cut off here/);
      assert.equal((await run(["dumpdata", "desk"])).out, before);
    });

    it("memory does not grow with the fixture", async () => {
      const lines = function* (): Generator<string> {
        for (let pk = 1; pk <= many; pk++)
          yield `{"model": "desk.note", "pk": ${pk}, "fields": {"title": "n${pk}", "body": "${body}"}}\n`;
      };
      await pipeline(Readable.from(lines()), createWriteStream(project.path("many.jsonl")));
      const loaded = await run(["loaddata", "many.jsonl", "--json"], littleRoom);
      assert.deepEqual([loaded.code, loaded.err], [0, ""]);
      assert.equal(JSON.parse(loaded.out).rows, many);
      const dumped = await run(["dumpdata", "desk", "--output", "again.jsonl", "--json"], littleRoom);
      assert.deepEqual([dumped.code, JSON.parse(dumped.out).rows], [0, many]);
      assert.equal((await stat(project.path("again.jsonl"))).size, (await stat(project.path("many.jsonl"))).size);
    });

    it("the framework's own tables that are moved have the columns that are known of them", async () => {
      await project.write("empty.json", "[]");
      assert.equal((await run(["loaddata", "empty.json"])).code, 0);
      const tables = await readConsistently(environment.DATABASE_URL ?? "", readTables);
      for (const { table, fields } of ownModels)
        assert.deepEqual(
          tables.find((found) => found.name === table)?.columns.map((column) => column.name),
          Object.keys(fields),
          table,
        );
    });

    if (name === "SQLite") {
      it("a backup is restored, once it is asked to replace what is there", async () => {
        const made = await run(["backup", "copy.sqlite3", "--json"]);
        assert.equal(made.code, 0, made.err);
        assert.equal(JSON.parse(made.out).bytes, (await stat(project.path("copy.sqlite3"))).size);
        assert.equal((await run(["backup", "copy.sqlite3"])).code, 1);
        assert.match((await run(["restore", "copy.sqlite3"])).err, /is there already; --replace/);
        const url = `sqlite:///${project.path("elsewhere.sqlite3")}`;
        assert.equal((await run(["restore", "copy.sqlite3"], { DATABASE_URL: url })).code, 0);
        assert.equal((await run(["migrate", "--plan"], { DATABASE_URL: url })).out, "The database is up to date.\n");
      });
    } else {
      it("a backup is PostgreSQL's own business, and its commands are named", async () => {
        const { code, err } = await run(["backup", "copy.sqlite3"]);
        assert.equal(code, 1);
        assert.match(err, /pg_dump --format=custom/);
        assert.match((await run(["restore", "copy.sqlite3"])).err, /pg_restore/);
      });
    }
  });
}
