/** A database of Django's is taken over and given back: the example's own project, run by the system's Python where Django is there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import app from "../../examples/from-django/app.ts";
import { connect } from "../../src/db/index.ts";
import { openProject } from "../../src/project/index.ts";
import { secretKey, startTestApp, type TestApp } from "../app.ts";
import { createProject, type Finished, type TestProject } from "../cli/project.ts";

const example = resolve(import.meta.dirname, "../../examples/from-django");
const python = "/usr/bin/python3";
const hasDjango = spawnSync(python, ["-c", "import django, rest_framework, rest_framework_simplejwt"]).status === 0;

it("the app asks for no migration: its tables are Django's", async () => {
  const project = await openProject(join(example, "app.ts"), { environment: {} });
  assert.deepEqual(await project.findMissingMigrations(), []);
});

describe("one database with Django", { skip: !hasDjango && "Django is not on this machine" }, () => {
  let folder: string;
  let file: string;
  let project: TestProject;
  let test: TestApp;

  /** Runs a command of the Django project. */
  const manage = (words: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = spawnSync(python, ["-B", "manage.py", ...words], {
      cwd: join(example, "django"),
      env: { PATH: process.env.PATH, DATABASE_FILE: file, SECRET_KEY: secretKey },
      input,
      encoding: "utf8",
    });
    assert.equal(status, 0, `manage.py ${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  /** Runs Python in the Django project; gives the JSON that it prints. */
  const django = (code: string): ReturnType<typeof JSON.parse> =>
    JSON.parse(manage(["shell", "-c", `import json\n${code}`]));
  const drfAuth = (words: readonly string[], environment = {}): Promise<Finished> =>
    project.run(words, { environment: { DATABASE_URL: `sqlite:///${file}`, SECRET_KEY: secretKey, ...environment } });
  const basic = async (path: string, headers: Record<string, string>) => {
    const { status, json } = await test.client("GET", `/api/v1/${path}`, { headers });
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  };
  const obtain = async (username: string, password: string): Promise<{ access: string; refresh: string }> => {
    const { status, json } = await test.client("POST", "/api/token/", { json: { username, password } });
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  };
  const bearer = (access: string) => ({ authorization: `Bearer ${access}` });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "drf-auth-from-django-"));
    file = join(folder, "db.sqlite3");
    project = await createProject(await readFile(join(example, "app.ts"), "utf8"));
    manage(["migrate", "--verbosity", "0"]);
    django(`
from django.contrib.auth.models import Group, Permission, User
from catalog.models import Author, Book, Tag
import datetime, decimal
writers = Group.objects.create(name="writers")
writers.permissions.set(Permission.objects.filter(content_type__app_label="catalog"))
alice = User.objects.create_user("alice", "alice@example.org", "alice-pass")
alice.groups.add(writers)
User.objects.create_user("bob", password="bob-pass")
author = Author.objects.create(name="Ada", email=None)
book = Book.objects.create(title="Notes", author=author, price=decimal.Decimal("12.50"), genre="science",
    published_at=datetime.datetime(2024, 1, 31, 8, 0, 0, 123456, tzinfo=datetime.timezone.utc), metadata={"b": [1, 2.5], "a": None})
book.tags.set([Tag.objects.create(slug="x"), Tag.objects.create(slug="y")])
print("null")`);
  });
  after(async () => {
    await test?.stop();
    await project.remove();
    await rm(folder, { recursive: true });
  });

  it("there is nothing to be made and nothing to be applied", async () => {
    const made = await drfAuth(["makemigrations", "--check"]);
    assert.deepEqual([made.code, made.out], [0, "The migrations are up to date.\n"]);
    const planned = await drfAuth(["migrate", "--plan"]);
    assert.deepEqual([planned.code, planned.out], [0, "The database is up to date.\n"]);
  });

  it("whoever takes the tables over has nothing to apply either: Django has recorded that they are there", async () => {
    const taken = (await readFile(join(example, "app.ts"), "utf8")).replaceAll("  managed: false,\n", "");
    const own = await createProject(taken);
    try {
      const environment = { DATABASE_URL: `sqlite:///${file}` };
      const made = await own.run(["makemigrations"], { environment });
      assert.match(made.out, /^migrations\/catalog\/0001_initial\.ts/);
      assert.equal((await own.run(["migrate", "--plan"], { environment })).out, "The database is up to date.\n");
    } finally {
      await own.remove();
    }
  });

  it("the API answers what Django's does, with Django's passwords, groups and rights", async () => {
    const url = `sqlite:///${file}`;
    const database = await connect(url);
    test = await startTestApp(app, { url, database, drop: () => database.close() });
    test.clock.now = Date.now();
    const { access } = await obtain("alice", "alice-pass");
    const theirs = django(`
from rest_framework.test import APIClient
print(APIClient().get("/api/v1/books/", HTTP_HOST="localhost", HTTP_AUTHORIZATION="Bearer ${access}").content.decode())`);
    const ours = await basic("books/", bearer(access));
    const list = Array.isArray(ours) ? ours : ours.results;
    assert.equal(list.length, 1);
    assert.deepEqual(list, theirs);
    assert.equal(
      (await test.client("POST", "/api/v1/tags/", { json: { slug: "z" }, headers: bearer(access) })).status,
      201,
    );
    const bob = await obtain("bob", "bob-pass");
    assert.equal(
      (await test.client("POST", "/api/v1/tags/", { json: { slug: "q" }, headers: bearer(bob.access) })).status,
      403,
    );
  });

  it("tokens of either side are valid on the other, and used up on both", async () => {
    const theirs = django(`
from rest_framework_simplejwt.tokens import RefreshToken
from django.contrib.auth.models import User
token = RefreshToken.for_user(User.objects.get(username="bob"))
print(json.dumps({"access": str(token.access_token), "refresh": str(token)}))`);
    test.clock.now = Date.now();
    await basic("books/", bearer(theirs.access));
    const refreshed = await test.client("POST", "/api/token/refresh/", { json: { refresh: theirs.refresh } });
    assert.equal(refreshed.status, 200, JSON.stringify(refreshed.json));
    const pair = await obtain("alice", "alice-pass");
    const statuses = django(`
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken
client = APIClient()
access = client.get("/api/v1/books/", HTTP_HOST="localhost", HTTP_AUTHORIZATION="Bearer ${pair.access}").status_code
refresh = client.post("/api/token/refresh/", {"refresh": "${pair.refresh}"}, format="json", HTTP_HOST="localhost").status_code
RefreshToken("${pair.refresh}").blacklist()
print(json.dumps([access, refresh]))`);
    assert.deepEqual(statuses, [200, 200]);
    assert.equal((await test.client("POST", "/api/token/refresh/", { json: { refresh: pair.refresh } })).status, 401);
  });

  it("sessions of either side are valid on the other", async () => {
    const theirs = django(`
from django.test import Client
client = Client()
client.login(username="bob", password="bob-pass")
print(json.dumps(client.cookies["sessionid"].value))`);
    test.clock.now = Date.now() + 2000;
    await basic("books/", { cookie: `sessionid=${theirs}` });

    const shown = await test.client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
    const csrf = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(shown.text)?.[1] ?? "";
    const cookie = shown.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const body = new URLSearchParams({
      username: "alice",
      password: "alice-pass",
      csrfmiddlewaretoken: csrf,
    }).toString();
    const headers = { accept: "text/html", "content-type": "application/x-www-form-urlencoded", cookie };
    const answer = await test.client("POST", "/api-auth/login/", { body, headers });
    const [, ours] = /sessionid=(\w+)/.exec(answer.headers.getSetCookie().join("\n")) ?? [];
    assert.ok(ours, String(answer.status));
    const status = django(`
from rest_framework.test import APIClient
client = APIClient()
client.cookies["sessionid"] = "${ours}"
print(json.dumps(client.get("/api/v1/books/", HTTP_HOST="localhost").status_code))`);
    assert.equal(status, 200);
  });

  it("accounts, groups and rows that were written here are Django's, too", async () => {
    const carol = await test.users.create({ username: "carol", password: "carol-pass" });
    const { access } = await obtain("alice", "alice-pass");
    const sent = {
      title: "Sketch",
      author: 1,
      price: "1.05",
      genre: "fiction",
      published_at: "2024-05-01T00:00:00.5Z",
      tags: [2],
    };
    const made = await test.client("POST", "/api/v1/books/", { json: sent, headers: bearer(access) });
    assert.equal(made.status, 201, JSON.stringify(made.json));
    const review = { book: made.json.id, rating: 5, body: "" };
    assert.equal(
      (await test.client("POST", "/api/v1/reviews/", { json: review, headers: bearer(access) })).status,
      201,
    );
    const seen = django(`
from django.contrib.auth import authenticate
from catalog.models import Book, Review
book = Book.objects.get(title="Sketch")
print(json.dumps([authenticate(username="carol", password="carol-pass").pk, str(book.price), book.published_at.isoformat(),
  [tag.slug for tag in book.tags.all()], book.metadata, Review.objects.get().owner.username]))`);
    assert.deepEqual(seen, [carol, "1.05", "2024-05-01T00:00:00.500000+00:00", ["y"], null, "alice"]);
  });

  it("Django finds nothing wrong and nothing to do afterwards", () => {
    assert.match(manage(["check"]), /no issues/);
    assert.match(manage(["migrate", "--plan"]), /No planned migration operations/);
    assert.match(manage(["makemigrations", "--check", "--dry-run"]), /No changes detected/);
  });

  it("a fixture of either side is loaded by the other", async () => {
    const ours = join(folder, "ours.json");
    const dumped = await drfAuth(["dumpdata", "catalog", "auth", "contenttypes", "--output", ours]);
    assert.equal(dumped.code, 0, dumped.err);
    const [first, second] = [file, join(folder, "second.sqlite3")];
    try {
      file = second;
      manage(["migrate", "--verbosity", "0"]);
      assert.match(manage(["loaddata", ours]), /Installed \d+ object/);
      assert.deepEqual(
        django(`
from django.contrib.auth.models import Group, User
from catalog.models import Book
print(json.dumps([Book.objects.count(), User.objects.get(username="alice").has_perm("catalog.add_tag"), Group.objects.get().permissions.count()]))`),
        [2, true, 16],
      );
      const theirs = join(folder, "theirs.json");
      await writeFile(theirs, manage(["dumpdata"]));
      file = join(folder, "third.sqlite3");
      manage(["migrate", "--verbosity", "0"]);
      const loaded = await drfAuth(["loaddata", theirs, "--json"]);
      assert.equal(loaded.code, 0, loaded.err);
      assert.deepEqual(JSON.parse(loaded.out).models["catalog.book"], 2);
      const again = join(folder, "again.json");
      assert.equal((await drfAuth(["dumpdata", "catalog", "auth", "contenttypes", "--output", again])).code, 0);
      // Django's JSON has three digits of a second.
      const rows = async (path: string) =>
        (await readFile(path, "utf8"))
          .replaceAll(/\.(\d{3})\d{3}Z/g, ".$1")
          .split(/,?\n/)
          .sort();
      assert.deepEqual(await rows(again), await rows(ours));
    } finally {
      file = first;
    }
  });
});
