/** What a team does with migrations, by the command line alone: branches, squashing, code, several migrators, killed ones. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { connect, defineStatement } from "../../src/db/index.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { appSource, createProject, type TestProject } from "./project.ts";

const fields = (more = "", name = "name"): string => `${name}: field.text({ maxLength: 64, unique: true })${more}`;
const declare = (more = "", model = ""): string =>
  appSource(fields(more)).replace("owner: field.owner() } }", `owner: field.owner() }${model} }`);

const addition = (
  name: string,
  parent = "0001_initial",
): string => `import { addField, field, migration } from "drf-auth";
export default migration({
  dependencies: [["app", "${parent}"]],
  operations: [addField("snack", "${name}", field.text({ default: "" }))],
});`;

describe("a team's migrations", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
    await project.run(["makemigrations"]);
  });
  after(() => project.remove());

  const run = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await project.run(words);
    assert.equal(code, 0, err);
    return out;
  };

  it("are planned and listed without a trace: no file, no other journal", async () => {
    assert.match(await run("migrate", "--plan"), /apply app\.0001_initial\n/);
    assert.match(await run("showmigrations", "app"), /^app\n {2}\[ \] 0001_initial\n$/);
    assert.equal(existsSync(project.path("db.sqlite3")), false);
    const file = new DatabaseSync(project.path("db.sqlite3"));
    file.exec("CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");
    file.close();
    const state = (): unknown => [
      readdirSync(project.directory),
      readFileSync(project.path("db.sqlite3")),
      statSync(project.path("db.sqlite3")).mtimeMs,
    ];
    const before = state();
    await run("migrate", "--plan");
    await run("showmigrations", "--json");
    assert.deepEqual(state(), before);
  });

  it("are planned beside a file in WAL mode without a trace, too", async () => {
    const url = "sqlite:///wal.sqlite3";
    await run("migrate", "--database-url", url);
    const file = readFileSync(project.path("wal.sqlite3"));
    const names = readdirSync(project.directory);
    assert.equal(await run("migrate", "--plan", "--database-url", url), "The database is up to date.\n");
    assert.deepEqual(readdirSync(project.directory), names);
    assert.ok(file.equals(readFileSync(project.path("wal.sqlite3"))));
  });

  it("that were made beside each other are reported, and joined", async () => {
    await project.write("migrations/app/0002_note.ts", addition("note"));
    await project.write("migrations/app/0002_taste.ts", addition("taste"));
    const branches = /branches that end at 0002_note and 0002_taste; "drf-auth makemigrations --merge" joins them/;
    for (const words of [["migrate"], ["makemigrations"], ["makemigrations", "--check"]]) {
      const { code, err } = await project.run(words);
      assert.equal(code, 1);
      assert.match(err, branches);
    }
    assert.match(
      await run("makemigrations", "--merge", "--dry-run"),
      /app\.0003_merge_0002_note_0002_taste \(not written\)/,
    );
    await run("makemigrations", "--merge");
    await project.write("app.ts", declare(', note: field.text({ default: "" }), taste: field.text({ default: "" })'));
    await run("makemigrations", "--check");
    assert.match(await run("migrate"), /applying app\.0002_note\napplying app\.0002_taste\napplying app\.0003_merge/);
    assert.match(await run("migrate", "app", "0002_taste"), /undoing app\.0003_merge\S+\nundoing app\.0002_note\n/);
    assert.match(await run("migrate"), /applying app\.0002_note\napplying app\.0003_merge/);
  });

  it("are written with a name, or empty for code of one's own", async () => {
    const path = await run("makemigrations", "--empty", "app", "--name", "fill_notes");
    assert.equal(path, "migrations/app/0004_fill_notes.ts\n");
    await project.write(
      "migrations/app/0004_fill_notes.ts",
      `import { migration, runCode, runSql } from "drf-auth";
export default migration({
  dependencies: [["app", "0003_merge_0002_note_0002_taste"]],
  operations: [
    runSql({ sqlite: "INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined) VALUES (1, 'a', '', 0, '', '', '', 0, 1, '2024-01-01')", reverse: "DELETE FROM auth_user" }),
    runCode({
      async forward({ table }) {
        await table("snack").insert({ name: "fig", owner: 1, taste: "", note: "" });
        for (const snack of await table("snack").list()) await table("snack").update(snack.id, { note: "made of " + snack.name });
      },
      async backward({ table }) {
        for (const snack of await table("snack").list()) await table("snack").delete(snack.id);
      },
      elidable: true,
    }),
  ],
});`,
    );
    await run("migrate");
    const notes = (): unknown => {
      const file = new DatabaseSync(project.path("db.sqlite3"), { readOnly: true });
      const rows = file
        .prepare("SELECT note FROM snack")
        .all()
        .map(({ note }) => note);
      file.close();
      return rows;
    };
    assert.deepEqual(notes(), ["made of fig"]);
    await run("migrate", "app", "0003");
    assert.deepEqual(notes(), []);
    await run("migrate");
  });

  it("are shown as the SQL of either database, without one", async () => {
    const postgres = await run("sqlmigrate", "app", "0002_note", "--database", "postgres");
    assert.match(
      postgres,
      /^BEGIN;\n-- add field note to snack\nALTER TABLE "snack" ADD COLUMN "note" text DEFAULT ''/,
    );
    assert.match(await run("sqlmigrate", "app", "0002_note"), /CREATE TABLE "old__snack" AS SELECT/);
    assert.match(
      await run("sqlmigrate", "app", "0002_note", "--backward", "--database", "postgres"),
      /DROP COLUMN "note"/,
    );
    assert.match((await project.run(["sqlmigrate", "app", "0009"])).err, /expected one of: 0001_initial, 0002_note/);
  });

  it("are squashed into one, which a database that has them has, too", async () => {
    const out = await run("squashmigrations", "app", "0003");
    assert.match(
      out,
      /^migrations\/app\/0001_squashed_0003_merge_0002_note_0002_taste\.ts\n {2}stands for app\.0001_initial\n/,
    );
    const source = readFileSync(
      project.path("migrations/app/0001_squashed_0003_merge_0002_note_0002_taste.ts"),
      "utf8",
    );
    assert.match(source, /createModel\("snack"[\s\S]*taste: field\.text/);
    assert.doesNotMatch(source, /addField/);
    assert.equal(await run("migrate"), "The database is up to date.\n");
    assert.match(
      await run("showmigrations", "app"),
      /\[X\] 0001_squashed\S+ \(4 in one\)\n {2}\[X\] 0004_fill_notes\n$/,
    );
    // A database that has a part goes on with the others; a new one takes the one.
    await run("makemigrations", "--check");
    const fresh = await project.run(["migrate", "--database-url", "sqlite:///fresh.sqlite3"]);
    assert.match(fresh.out, /applying app\.0001_squashed\S+\napplying app\.0004_fill_notes\n/);
    await rm(project.path("migrations/app/0001_initial.ts"));
    await rm(project.path("migrations/app/0002_note.ts"));
    await rm(project.path("migrations/app/0002_taste.ts"));
    await rm(project.path("migrations/app/0003_merge_0002_note_0002_taste.ts"));
    assert.equal(await run("migrate"), "The database is up to date.\n");
  });

  it("are squashed with their code, which the new file takes from the old one", async () => {
    const before = readdirSync(project.path("migrations/app")).filter((name) => name.startsWith("0001_squashed"));
    await writeFile(
      project.path("migrations/app/0005_code.ts"),
      `import { migration, runCode } from "drf-auth";
export default migration({ operations: [
  runCode({ forward: async ({ table }) => console.log("there are", (await table("snack").list()).length) }),
] });`,
    );
    const out = await run("squashmigrations", "app", "0005");
    assert.match(out, / {2}takes code from app\.0005_code: move it into the new file before that one goes/);
    const fresh = await project.run(["migrate", "--database-url", "sqlite:///other.sqlite3"]);
    assert.equal(fresh.code, 0, fresh.err);
    assert.match(fresh.out, /applying app\.0001_squashed_0005_code\nthere are 0\n/);
    // A database that has the older one, and not what came after it, goes on with that.
    assert.match(await run("migrate"), /^applying app\.0005_code\nthere are \d\n/);
    for (const name of readdirSync(project.path("migrations/app")))
      if (name === "0005_code.ts" || (name.startsWith("0001_squashed") && !before.includes(name)))
        await rm(project.path("migrations/app", name));
  });

  it("name their file and operation where they fail", async () => {
    await project.write(
      "migrations/app/0005_wrong.ts",
      `import { migration, runSql } from "drf-auth";
export default migration({ operations: [runSql({ sqlite: "SELECT 1" }), runSql({ sqlite: "DELETE FROM missing" })] });`,
    );
    const { code, err } = await project.run(["migrate"]);
    assert.equal(code, 1);
    assert.match(
      err,
      /migration app\.0005_wrong \(migrations\/app\/0005_wrong\.ts\) failed at operation 2, "run SQL", and nothing of it was kept: no such table: missing/,
    );
    await rm(project.path("migrations/app/0005_wrong.ts"));
  });
});

for (const { name, create } of databases) {
  describe(`migrators on ${name}`, () => {
    let project: TestProject;
    let test: TestDatabase;
    let environment: Record<string, string>;
    beforeEach(async () => {
      test = await create();
      project = await createProject();
      environment = { DATABASE_URL: test.url };
      await project.run(["makemigrations"]);
    });
    afterEach(async () => {
      await project.remove();
      await test.drop();
    });

    it("that start at once apply each migration once, and all end well", async () => {
      await writeFile(project.path("migrations/app/0002_note.ts"), addition("note"));
      const all = await Promise.all([1, 2, 3, 4, 5].map(() => project.run(["migrate"], { environment })));
      assert.deepEqual(
        all.map(({ code, err }) => [code, err]),
        all.map(() => [0, all[0]?.err]),
      );
      const database = await connect(test.url);
      const rows = await database.all(
        defineStatement("SELECT name FROM django_migrations WHERE app = 'app' ORDER BY 1", true),
      );
      await database.close();
      assert.deepEqual(
        rows.map(([each]) => each),
        ["0001_initial", "0002_note"],
      );
    });

    it("that are killed in the middle leave nothing half done, and the next goes on", async () => {
      await mkdir(project.path("migrations/app"), { recursive: true });
      await project.write(
        "migrations/app/0002_slow.ts",
        `import { addField, field, migration, runCode } from "drf-auth";
export default migration({ operations: [
  addField("snack", "note", field.text({ default: "" })),
  runCode({
    async forward() {
      if (process.env.HANG !== "yes") return;
      console.log("in the middle");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  }),
] });`,
      );
      const running = project.start(["migrate"], { ...environment, HANG: "yes" });
      await running.says(/in the middle/);
      running.process.kill("SIGKILL");
      await running.stop();
      assert.match(
        (await project.run(["showmigrations", "app"], { environment })).out,
        /\[X\] 0001_initial\n {2}\[ \] 0002_slow/,
      );
      const next = await project.run(["migrate"], { environment });
      assert.equal(next.code, 0, next.err);
      assert.match(next.out, /^applying app\.0002_slow\n/);
      const back = await project.run(["migrate", "app", "0001"], { environment });
      assert.match(
        back.err,
        /0002_slow \(migrations\/app\/0002_slow\.ts\) failed at operation 2, "run code".*it has no backward/,
      );
    });

    it("that are killed within one that is no transaction go on where they were on PostgreSQL, or begin again", async () => {
      await mkdir(project.path("migrations/app"), { recursive: true });
      await project.write(
        "migrations/app/0002_slow.ts",
        `import { addField, addIndex, field, migration, runCode, runSql } from "drf-auth";
export default migration({ atomic: false, operations: [
  addField("snack", "note", field.text({ default: "" })),
  addIndex("snack", { fields: ["note"], name: "by_note" }, { concurrently: true }),
  runCode({
    atomic: false,
    async forward() {
      if (process.env.HANG !== "yes") return;
      console.log("in the middle");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
    backward: () => undefined,
  }),
  runSql({ postgres: "VACUUM snack", reverse: [], atomic: false }),
] });`,
      );
      const running = project.start(["migrate"], { ...environment, HANG: "yes" });
      await running.says(/in the middle/);
      running.process.kill("SIGKILL");
      await running.stop();
      const isPostgres = name === "PostgreSQL";
      const plan = await project.run(["migrate", "--plan"], { environment });
      const [begun] = plan.out.split("\n");
      assert.equal(begun, `apply app.0002_slow${isPostgres ? ", of whose 4 operations 2 are done" : ""}`);
      const back = await project.run(["migrate", "app", "0001"], { environment });
      assert.equal(
        back.out,
        isPostgres ? "undoing app.0002_slow, of whose 4 operations 2 are done\n" : "The database is up to date.\n",
      );
      const next = await project.run(["migrate"], { environment });
      assert.equal(next.code, 0, next.err);
      assert.match(next.out, /^applying app\.0002_slow\n/);
      assert.equal((await project.run(["migrate", "app", "zero"], { environment })).code, 0);
    });
  });
}
