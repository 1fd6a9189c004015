/** Who is asking and what they may do here; tokens on the pages that give them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { app, stock } from "./bookshop.ts";
import { openBrowser } from "./browser.ts";

describe("who is asking", () => {
  let test: TestApp;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    test = await startTestApp(app, await sqlite.create());
    const admin = await test.user("admin", { is_staff: true, is_superuser: true });
    await test.user("alice");
    await stock(test, admin.id);
  });
  after(async () => {
    assert.deepEqual(test.faults, []);
    await test.stop();
  });
  const seenBy = async (username: string, path: string) => {
    const browser = openBrowser(test.client.base);
    const login = await browser.visit(`/api-auth/login/?next=${path}`);
    return (await browser.press(login, "Log in", { username, password: `${username}-pass` })).body;
  };

  it("is told on every page, with what may be done there", async () => {
    const list = await seenBy("alice", "/api/v1/books/");
    assert.match(
      list,
      /<summary class="button" aria-label="Account: alice">alice<\/summary>.*Signed in as <strong>alice<\/strong>\.<\/p>/s,
    );
    assert.match(list, /Here you may: GET, POST</);
    assert.match(await seenBy("alice", "/api/v1/books/1/"), /Here you may: GET</, "it is somebody else's");
    const admin = await seenBy("admin", "/api/v1/books/1/");
    assert.match(admin, /A superuser, who may do everything\./);
    assert.match(admin, /Here you may: GET, PUT, PATCH, DELETE</);
    const { text } = await test.client("GET", "/api/v1/books/", {
      headers: { accept: "text/html", ...(await test.user("bob")).bearer },
    });
    assert.match(text, /Signed in as <strong>bob<\/strong> by jwt\./);
    assert.doesNotMatch(text, />Log out</, "a token is not signed out by a form");
  });

  it("a pair of tokens is obtained without scripts, and shown with what it says and how long it lasts", async () => {
    const browser = openBrowser(test.client.base);
    const page = await browser.visit("/api/token/");
    const wrong = await browser.press(page, "Obtain", { username: "alice", password: "my-secret-pass" });
    assert.equal(wrong.status, 401);
    assert.doesNotMatch(wrong.body, /my-secret-pass/, "a password is shown nowhere");
    assert.match(wrong.body, /&quot;password&quot;:&quot;…&quot;/);
    const { status, body } = await browser.press(page, "Obtain", { username: "alice", password: "alice-pass" });
    assert.equal(status, 200);
    assert.match(body, /<h3>access · <span class="left" data-exp="\d+">5 min left<\/span><\/h3>/);
    assert.match(body, /<h3>refresh · <span class="left" data-exp="\d+">24 h left<\/span><\/h3>/);
    assert.match(body, /&quot;token_type&quot;<\/span>: <span class="string">&quot;access&quot;/);
  });

  it("the panel of tokens is offered where tokens are given, and obtains none from another host", async () => {
    const { text } = await test.client("GET", "/api/v1/books/", { headers: { accept: "text/html" } });
    assert.match(
      text,
      /<details class="panel tokens" data-remember="tokens" data-obtain="\/api\/token\/" data-scheme="Bearer" data-refresh="\/api\/token\/refresh\/">/,
    );
  });
});
