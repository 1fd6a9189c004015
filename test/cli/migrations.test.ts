import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { appSource, createProject, type TestProject } from "./project.ts";

describe("a new project", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
  });
  after(() => project.remove());

  it("lacks a migration, which --check fails on and --dry-run shows, and neither writes", async () => {
    const checked = await project.run(["makemigrations", "--check"]);
    assert.equal(checked.code, 1);
    assert.match(checked.out, /app\.0001_initial \(not written\)\n {2}create model snack/);
    assert.equal((await project.run(["makemigrations", "--dry-run"])).code, 0);
    assert.equal(existsSync(project.path("migrations")), false);
  });

  it("does not serve on a database without migrations, and says which command helps", async () => {
    const { code, err } = await project.run(["serve"]);
    assert.equal(code, 1);
    assert.match(
      err,
      /^drf-auth: database: lacks migrations: contenttypes\.0001_initial.*"drf-auth migrate" applies them\n$/,
    );
  });

  it("gets its migration written beside the app file", async () => {
    const { code, out } = await project.run(["makemigrations"]);
    assert.deepEqual([code, out], [0, "migrations/app/0001_initial.ts\n  create model snack\n"]);
    const source = await readFile(project.path("migrations/app/0001_initial.ts"), "utf8");
    assert.match(source, /from "drf-auth"/);
    assert.match(source, /dependencies: \[\["auth", "0001_initial"\]\]/);
    assert.equal((await project.run(["makemigrations", "--check"])).code, 0);
  });

  it("shows the plan, applies it, and has nothing to do afterwards", async () => {
    const plan = await project.run(["migrate", "--plan"]);
    assert.match(plan.out, /^apply contenttypes\.0001_initial\napply auth\.0001_initial\napply app\.0001_initial\n/);
    const applied = await project.run(["migrate"]);
    assert.match(applied.out, /applying app\.0001_initial\n/);
    assert.equal((await project.run(["migrate"])).out, "The database is up to date.\n");
  });

  it("does not serve where a table of somebody else lacks a column, and says which field is meant", async () => {
    await project.write(
      "legacy.ts",
      `import { defineApp, field, model, resource } from "drf-auth";
       const fields = { app: field.text(), vat: field.text() };
       const Member = model("member", { managed: false, table: "django_migrations", fields });
       export default defineApp({ resources: { members: resource(Member) } });`,
    );
    const { code, err } = await project.run(["serve", "--app", "legacy.ts"]);
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: model "member", field "vat": the table "django_migrations" has no column "vat"/);
  });

  it("goes back, and forth again", async () => {
    assert.equal((await project.run(["migrate", "app", "zero"])).out, "undoing app.0001_initial\n");
    assert.equal((await project.run(["migrate", "app", "0001_initial"])).out, "applying app.0001_initial\n");
    const half = await project.run(["migrate", "app"]);
    assert.equal(half.code, 2);
    assert.match(half.err, /expected a migration of app/);
  });

  it("is told when its models have changed since", async () => {
    await project.write(
      "app.ts",
      appSource('name: field.text({ maxLength: 64, unique: true }), note: field.text({ default: "" })'),
    );
    assert.match((await project.run(["migrate"])).err, /"drf-auth makemigrations" writes it/);
  });

  it("keeps what a renamed field holds, and asks where it may be a removal", async () => {
    const fields = (name: string): string => `${name}: field.text({ maxLength: 64, unique: true })`;
    await project.write("app.ts", appSource(fields("name")));
    const title = appSource(fields("title")).replace('order: ["name"]', 'order: ["title"]');
    await project.write("app.ts", title);
    const asked = await project.run(["makemigrations"]);
    assert.equal(asked.code, 1);
    assert.match(asked.err, /field "name": is gone, and "title" .*say --rename snack\.name=title/);
    const { code, out } = await project.run(["makemigrations", "--rename", "snack.name=title"]);
    assert.equal(code, 0);
    assert.match(out, /0002_rename_snack_name_title\.ts\n {2}rename field name of snack to title\n$/);
    const source = await readFile(project.path("migrations/app/0002_rename_snack_name_title.ts"), "utf8");
    assert.match(source, /import \{ migration, renameField \}.*renameField\("snack", "name", "title"\)/s);
    assert.match((await project.run(["migrate"])).out, /applying app\.0002_rename_snack_name_title\n/);
    assert.equal((await project.run(["makemigrations", "--check"])).code, 0);
    assert.equal((await project.run(["makemigrations", "--rename", "snack.name"])).code, 2);
  });

  it("is told, before it is applied, what would stall a live service, and the way that does not", async () => {
    const fields = "title: field.text({ maxLength: 64, unique: true }), note: field.text({ blank: true, index: true })";
    await project.write("app.ts", appSource(fields).replace('order: ["name"]', 'order: ["title"]'));
    const made = await project.run(["makemigrations"]);
    assert.match(made.err, /note: .*on PostgreSQL nobody can write while the index is built; declare index: false/);
    const { code, out } = await project.run(["check", "--migrations", "--json"]);
    assert.equal(code, 0);
    const findings: readonly { id: string; place: string; remedy: string }[] = JSON.parse(out);
    assert.deepEqual(
      findings.map(({ id, place }) => [id, place.replace(/ \(.*?\)/, "")]),
      [["migrations.stall", "migration app.0003_snack_note, add field note to snack"]],
    );
    assert.equal((await project.run(["migrate", "--wait", "5", "--lock-timeout", "0.5"])).code, 0);
    assert.match(
      (await project.run(["migrate", "--lock-timeout", "0"])).err,
      /--lock-timeout needs a number of seconds/,
    );
    await rm(project.path("migrations/app/0003_snack_note.ts"));
  });

  it("uses the database that a flag or DATABASE_URL names, the flag before the other", async () => {
    const environment = { DATABASE_URL: "sqlite:///of/environment.sqlite3" };
    await project.run(["migrate"], { environment });
    await project.run(["migrate", "--database-url", "sqlite:///of/flag.sqlite3"], { environment });
    assert.ok(existsSync(project.path("of/environment.sqlite3")));
    assert.ok(existsSync(project.path("of/flag.sqlite3")));
  });
});

describe("an app file", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
  });
  after(() => project.remove());

  const complaint = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await project.run(words);
    assert.deepEqual([code, out], [1, ""]);
    return err;
  };

  it("that is not there is missed by name", async () => {
    assert.match(
      await complaint("routes", "--app", "other.ts"),
      /^drf-auth: --app other\.ts: there is no such file\n$/,
    );
  });

  it("that exports no app is told what to export", async () => {
    await project.write("empty.ts", "export const app = 1;");
    assert.match(
      await complaint("routes", "--app", "empty.ts"),
      /empty\.ts: expected `export default defineApp\(\{ … \}\)`\n$/,
    );
  });

  it("with a slip of the pen is named with its line, without the insides of Node", async () => {
    await project.write("broken.ts", "const a = ;\nexport default a;");
    const err = await complaint("routes", "--app", "broken.ts");
    assert.match(err, /broken\.ts:1/);
    assert.doesNotMatch(err, /node:internal/);
  });

  it("with a wrong declaration is told what was expected, in one line", async () => {
    await project.write(
      "wrong.ts",
      'import { defineApp } from "drf-auth"; export default defineApp({ resources: {}, prefix: "api" });',
    );
    assert.match(
      await complaint("routes", "--app", "wrong.ts"),
      /^drf-auth: .*wrong\.ts: app, prefix: expected a path[^\n]*\n$/,
    );
  });

  it("with a setting that does not exist is refused with the one that was meant", async () => {
    await project.write(
      "typo.ts",
      'import { defineApp } from "drf-auth"; export default defineApp({ resources: {}, settings: { prot: 1 } });',
    );
    assert.match(await complaint("routes", "--app", "typo.ts"), /prot.*is not a setting.*port/);
  });

  it("is looked for in the current folder, as app.ts or app.js", async () => {
    await rename(project.path("app.ts"), project.path("elsewhere.ts"));
    assert.match(
      await complaint("routes"),
      /expected app\.ts or app\.js here; another file is named with --app FILE\n$/,
    );
    await project.write("app.js", 'export { default } from "./elsewhere.ts";');
    assert.equal((await project.run(["routes"])).code, 0);
  });
});
