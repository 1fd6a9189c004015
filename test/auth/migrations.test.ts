import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { promisify } from "node:util";
import { authMigrations, authModels, ensurePermissions } from "../../src/auth/index.ts";
import {
  connect,
  type Database,
  defineModels,
  defineStatement,
  InconsistentHistory,
  isQuery,
  makeMigrations,
  migrate,
} from "../../src/db/index.ts";
import { field, model } from "../../src/model/index.ts";
import { Antonym, Author, Book, Review, Synonym, Tag, Word } from "../conformance/models.ts";
import { databases, type TestDatabase } from "../databases.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
const now = (): number => Date.UTC(2024, 0, 1, 8);

/** The models of the reference's own apps, and the built-in ones. */
const models = defineModels([...authModels, Synonym, Antonym, Author, Tag, Book, Review, Word]).all;
const withTables = models.filter((each) => !isQuery(each));
const migrations = [...authMigrations, ...makeMigrations(authMigrations, withTables)];

const rowsOf = async (database: Database, sql: string): Promise<unknown[][]> =>
  (await database.all(defineStatement(sql, true))).map((row) => [...row]);

/** What Django made, to read only. */
const fixture = resolve(root, "test/conformance/fixture.sqlite3");
const copyOfFixture = async (directory: string): Promise<Database> => {
  const path = join(directory, "fixture.sqlite3");
  await copyFile(fixture, path);
  return connect(`sqlite:///${path}`);
};

describe("the built-in migrations", () => {
  let directory: string;
  let django: Database;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "drf-auth-fixture-"));
    django = await copyOfFixture(directory);
  });
  after(async () => {
    await django.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("lead to the models of accounts, sessions and tokens, so that nothing is left to be made", () => {
    assert.deepEqual(makeMigrations(authMigrations, authModels), []);
  });

  it("find nothing to do in a database that Django made", async () => {
    assert.deepEqual(await migrate(django, migrations, { now }), []);
    assert.equal(await ensurePermissions(django, models), 0);
  });

  it("make the very tables that Django makes", async () => {
    const ours = await connect("sqlite://:memory:");
    await migrate(ours, authMigrations, { now });
    const schema = `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND (tbl_name LIKE 'auth_%'
      OR tbl_name LIKE 'token_blacklist_%' OR tbl_name IN ('django_session', 'django_content_type')) ORDER BY name`;
    assert.deepEqual(await rowsOf(ours, schema), await rowsOf(django, schema));
    await ours.close();
  });

  it("record the names that Django records", async () => {
    const ours = await connect("sqlite://:memory:");
    await migrate(ours, migrations, { now });
    const names = "SELECT app, name FROM django_migrations ORDER BY app, name";
    assert.deepEqual(await rowsOf(ours, names), await rowsOf(django, names));
    await ours.close();
  });

  it("refuse a database with half of Django's history, naming what is missing", async () => {
    const half = await connect("sqlite://:memory:");
    await migrate(half, authMigrations, { now });
    await half.run(
      defineStatement("DELETE FROM django_migrations WHERE app = 'token_blacklist' AND name LIKE '0012%'"),
    );
    await assert.rejects(migrate(half, authMigrations, { now }), (error) => {
      assert.ok(error instanceof InconsistentHistory);
      assert.match(error.message, /token_blacklist.*0012_alter_outstandingtoken_user/);
      return true;
    });
    await half.close();
  });

  it("make the same permissions as Django, with the same names", async () => {
    const ours = await connect("sqlite://:memory:");
    await migrate(ours, migrations, { now });
    await ensurePermissions(ours, models);
    const permissions = `SELECT app_label, model, codename, name FROM auth_permission p
      JOIN django_content_type c ON c.id = p.content_type_id ORDER BY app_label, codename`;
    assert.deepEqual(await rowsOf(ours, permissions), await rowsOf(django, permissions));
    await ours.close();
  });
});

for (const { name, create } of databases) {
  describe(`permissions on ${name}`, () => {
    let test: TestDatabase;
    beforeEach(async () => {
      test = await create();
      await migrate(test.database, authMigrations, { now });
    });
    afterEach(() => test.drop());

    const Label = model("shop.price_label", { fields: { text: field.text() } });
    const names = () => rowsOf(test.database, "SELECT name, codename FROM auth_permission ORDER BY codename");

    it("are four for a model: to add, change, delete and view", async () => {
      assert.equal(await ensurePermissions(test.database, [Label]), 4);
      assert.deepEqual(await names(), [
        ["Can add price label", "add_price_label"],
        ["Can change price label", "change_price_label"],
        ["Can delete price label", "delete_price_label"],
        ["Can view price label", "view_price_label"],
      ]);
    });

    it("are made once", async () => {
      await ensurePermissions(test.database, [Label]);
      assert.equal(await ensurePermissions(test.database, [Label]), 0);
      assert.equal((await names()).length, 4);
    });

    it("are made where some are missing, and the others keep their key", async () => {
      await ensurePermissions(test.database, [Label]);
      const keys = "SELECT id FROM auth_permission WHERE codename = 'view_price_label'";
      const before = await rowsOf(test.database, keys);
      await test.database.run(defineStatement("DELETE FROM auth_permission WHERE codename = 'add_price_label'"));
      assert.equal(await ensurePermissions(test.database, [Label]), 1);
      assert.deepEqual(await rowsOf(test.database, keys), before);
    });

    it("are made once by processes that start together", async () => {
      const second = await connect(test.url);
      await Promise.all([ensurePermissions(test.database, [Label]), ensurePermissions(second, [Label])]);
      await second.close();
      assert.equal((await names()).length, 4);
    });

    it("are not made for a query, which has no rows of its own", async () => {
      await ensurePermissions(test.database, [Word]);
      assert.deepEqual(await names(), []);
    });
  });
}

/** The reference itself, where it is installed: Debian's python3-django and what it needs. */
const python = "/usr/bin/python3";
const reference = resolve(root, "bench/peers/django");
const needs = "import django, rest_framework_simplejwt, django_filters, whitenoise, psycopg2";
const hasDjango = await run(python, ["-c", needs]).then(
  () => true,
  () => false,
);

for (const { name, create } of databases) {
  const skip = hasDjango ? false : "python3-django and what the reference needs are not installed";
  describe(`Django on a database that was made here, on ${name}`, { skip }, () => {
    let test: TestDatabase;
    let cache: string;
    before(async () => {
      test = await create();
      cache = await mkdtemp(join(tmpdir(), "drf-auth-django-"));
      await migrate(test.database, migrations, { now });
      await ensurePermissions(test.database, models);
    });
    after(async () => {
      await test.drop();
      await rm(cache, { recursive: true, force: true });
    });

    const manage = async (...command: string[]): Promise<string> => {
      const env = {
        ...{ PATH: process.env.PATH, DATABASE_URL: test.url, CACHE_DIR: cache, STATIC_ROOT: cache },
        PYTHONDONTWRITEBYTECODE: "1",
      };
      return (await run(python, ["manage.py", ...command], { cwd: reference, env })).stdout;
    };

    it("finds every one of its migrations applied", async () => {
      const shown = await manage("showmigrations");
      assert.match(shown, /\[X\] 0012_alter_user_first_name_max_length/);
      assert.doesNotMatch(shown, /\[ \]/);
      assert.match(await manage("migrate", "--plan"), /No planned migration operations/);
    });

    it("finds no fault", async () => {
      assert.match(await manage("check", "--database", "default"), /no issues/);
    });

    it("finds every content type and permission, and makes none", async () => {
      const count = "SELECT count(*) FROM auth_permission UNION ALL SELECT count(*) FROM django_content_type";
      const before = await rowsOf(test.database, count);
      await manage("migrate", "-v", "0");
      assert.deepEqual(await rowsOf(test.database, count), before);
    });

    it("writes and reads rows, and deletes with what hangs on them", async () => {
      const script = [
        "from django.contrib.auth.models import User, Group, Permission",
        "from thesaurus.models import Synonym",
        "u = User.objects.create_user('eve', password='eve-pass')",
        "g = Group.objects.create(name='editors')",
        "g.permissions.add(Permission.objects.get(codename='add_synonym'))",
        "u.groups.add(g)",
        "Synonym.objects.create(word='happy', synonym='glad', owner=u)",
        "print(u.has_perm('thesaurus.add_synonym'), Synonym.objects.count())",
        "u.delete()",
        "print(Synonym.objects.count())",
      ];
      assert.equal(await manage("shell", "-c", script.join("\n")), "True 1\n0\n");
    });
  });
}
