/** What reaches an endpoint, what is redirected, and what becomes of everything else. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, before, describe, test } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { open, sendRaw } from "../http-client.ts";

const Page = model("page", { fields: { path: field.text({ primaryKey: true, readOnly: false, maxLength: 500 }) } });

const asked: string[] = [];

/** A handler of another framework: it may throw at once, or later, or wait for the end of the body. */
function fallback(request: IncomingMessage, response: ServerResponse): void | Promise<void> {
  const { url = "" } = request;
  asked.push(url);
  if (url === "/waits") {
    request.resume().on("end", () => response.end("waited"));
    return;
  }
  if (url === "/throws") throw new Error("at once");
  if (url === "/rejects") return Promise.reject(new Error("later"));
  response.end("another framework");
}

describe("the listener", () => {
  let app: TestApp;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    const pages = resource(Page, { permissions: [permission.allowAny()] });
    const rows = resource(Page, { permissions: [permission.allowAny()], only: ["retrieve"] });
    app = await startTestApp(defineApp({ resources: { pages, rows }, fallback }), await sqlite.create());
  });
  after(() => app.stop());

  test("a handler of another framework answers what no route takes, and sees the URL as it was sent", async () => {
    const { text } = await app.client("GET", "/files/a%2Fb?c=%2F");
    assert.equal(text, "another framework");
    assert.equal(asked.at(-1), "/files/a%2Fb?c=%2F");
  });

  test("it may wait for the end of a body that is not there", async () => {
    for (const method of ["GET", "POST"]) assert.equal((await app.client(method, "/waits")).text, "waited");
  });

  test("what it throws, at once or later, is a 500 and not the end of the process", async () => {
    for (const path of ["/throws", "/rejects"]) assert.equal((await app.client("GET", path)).status, 500, path);
    assert.deepEqual(app.faults.splice(0).map(String), ["Error: at once", "Error: later"]);
  });

  test("a key may be as long as its column", async () => {
    const path = "x".repeat(500);
    assert.equal((await app.client("POST", "/api/v1/pages/", { json: { path } })).status, 201);
    assert.equal((await app.client("GET", `/api/v1/pages/${path}/`)).json.path, path);
  });

  test("where only rows are, there is no list: neither linked nor redirected to", async () => {
    assert.deepEqual(Object.keys((await app.client("GET", "/api/v1/")).json), ["pages"]);
    for (const path of ["/api/v1/rows/", "/api/v1/rows"])
      assert.equal((await app.client("GET", path)).text, "another framework", path);
  });

  test("a client that leaves out the final slash of a row is led on with its method and its body", async () => {
    const send = async (method: string, path: string, body?: object) => {
      const headers = { "content-type": "application/json", accept: "application/json" };
      const answer = await fetch(`${app.client.base}${path}`, { method, headers, body: body && JSON.stringify(body) });
      return [answer.status, answer.redirected];
    };
    assert.deepEqual(await send("POST", "/api/v1/pages/", { path: "led" }), [201, false]);
    assert.deepEqual(await send("GET", "/api/v1/pages/led?a=1"), [200, true]);
    assert.deepEqual(await send("PATCH", "/api/v1/pages/led", {}), [200, true]);
    assert.deepEqual(await send("PUT", "/api/v1/pages/led", { path: "led" }), [200, true]);
    assert.deepEqual(await send("DELETE", "/api/v1/pages/led"), [204, true]);
  });

  test("a host that is not allowed is told in the log once, whatever its port", async () => {
    for (const host of ["box.lan:8000", "box.lan", "BOX.lan", "no host"])
      assert.equal(await sendRaw(app.client.base, `GET /api/v1/pages/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`), 400, host);
    assert.deepEqual(app.warnings, [
      { message: "requests ask for a host that ALLOWED_HOSTS does not name", host: "box.lan" },
    ]);
  });

  test("a host in the request line is neither redirected to nor put into links", async () => {
    const get = async (target: string): Promise<string> => {
      const socket = await open(app.client.base);
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
      );
      await once(socket, "close");
      return answer;
    };
    assert.match(await get("http://elsewhere.example/api/v1/pages"), /^location: \/api\/v1\/pages\/\r$/m);
    for (const key of ["a", "b"]) await app.client("POST", "/api/v1/pages/", { json: { path: key } });
    const list = await get("http://elsewhere.example/api/v1/pages/?page_size=1");
    assert.match(list, /"next":"http:\/\/localhost\/api\/v1\/pages\/\?page=2&page_size=1"/);
    assert.match(await get("http://elsewhere.example"), /another framework$/);
  });
});
