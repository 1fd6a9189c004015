/** A person who is signed in on one side, here or by Django on the same database, is signed in on the other, and out on both. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, startTestApp } from "../app.ts";
import { openBrowser } from "../browsable/browser.ts";
import { databases } from "../databases.ts";
import { askDjango, withoutDjango } from "./django.ts";

const me = endpoint({
  permissions: [permission.authenticated()],
  methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
});
const app = defineApp({ resources: {}, endpoints: { me } });

it("a session is the same here and there", { skip: withoutDjango() }, async (t) => {
  const sqlite = await databases[0]?.create();
  assert.ok(sqlite);
  const test = await startTestApp(app, sqlite, { settings: { passwordHasher: "pbkdf2_sha256" } });
  t.after(() => test.stop());
  test.clock.now = Date.now();
  const alice = await test.user("alice");
  /** Asks Django's session framework, with a session's key or nothing. */
  const django = (key: string | null, then: string) =>
    askDjango(
      { key, user: alice.id },
      `SECRET_KEY="${secretKey}", USE_TZ=True, DATABASES={"default":
      {"ENGINE": "django.db.backends.sqlite3", "NAME": "${new URL(sqlite.url).pathname.slice(1)}"}}`,
      `
from django.contrib.auth import get_user, login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
request = HttpRequest()
request.session = SessionStore(question["key"])
request.user = get_user(request)
${then}`,
    );
  const status = async (key: string) =>
    (await test.client("GET", "/api/v1/me/", { headers: { cookie: `sessionid=${key}` } })).status;

  const browser = openBrowser(test.client.base);
  const page = await browser.visit("/api-auth/login/");
  await browser.press(page, "Log in", { username: "alice", password: alice.password });
  const ours = browser.cookies.get("sessionid") ?? "";
  assert.equal(await status(ours), 200);
  assert.deepEqual(
    django(ours, `request.session["basket"] = [1]; request.session.save(); answer = [request.user.username]`),
    ["alice"],
  );
  assert.equal(await status(ours), 200, "Django has written to it");
  django(ours, "logout(request); answer = None");
  assert.equal(await status(ours), 401);

  const theirs: string = django(
    null,
    `login(request, User.objects.get(pk=question["user"]), "django.contrib.auth.backends.ModelBackend")
request.session.save(); answer = request.session.session_key`,
  );
  assert.equal(await status(theirs), 200);
  await test.client("GET", "/api-auth/logout/", { headers: { accept: "text/html", cookie: `sessionid=${theirs}` } });
  assert.equal(django(theirs, "answer = request.user.is_authenticated"), false);

  // Another password, on either side, ends what the other side began.
  const again: string = django(
    null,
    `login(request, User.objects.get(pk=question["user"]), "django.contrib.auth.backends.ModelBackend")
request.session.save(); answer = request.session.session_key`,
  );
  await test.users.setPassword(alice.id, "another horse");
  assert.equal(django(again, "answer = request.user.is_authenticated"), false);
  assert.equal(await status(again), 401);
});
