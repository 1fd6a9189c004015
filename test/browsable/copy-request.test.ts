/** Requests to be copied: what a shell and a script make of them is the request, and nothing more. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { curl, fetchCall, httpie, shellQuoted } from "../../src/browsable/copy-request.ts";
import { permission } from "../../src/resource/index.ts";
import { createTestSite, csrfPair } from "./site.ts";

const hostile = `it's $(touch /tmp/x) \`id\` "q" \\ %s !x`;

/** The words that a shell makes of a command, whose name is replaced by one that prints them. */
const wordsOf = (command: string): string[] =>
  execFileSync("sh", [
    "-c",
    `TOKEN=secret; show() { for word; do printf '%s\\0' "$word"; done; }; ${command.replace(/^(curl|http)/, "show")}`,
  ])
    .toString()
    .split("\0")
    .slice(0, -1);

describe("a request to be copied", () => {
  const request = {
    method: "POST",
    url: `http://shelf.test/api/books/?q=it's&x=$HOME`,
    headers: { Accept: "application/json", Authorization: "Bearer $TOKEN" },
    body: JSON.stringify({ title: hostile }),
  };

  it("is read by a shell as it was meant, and only the placeholder is filled in", () => {
    assert.deepEqual(wordsOf(`http ${shellQuoted(hostile)}`), [hostile]);
    assert.deepEqual(wordsOf(curl(request)), [
      ...["-X", "POST", request.url, "-H", "Accept: application/json", "-H", "Authorization: Bearer secret"],
      ...["--data-raw", request.body],
    ]);
    assert.deepEqual(wordsOf(httpie(request)), [
      ...["POST", request.url, "Accept:application/json", "Authorization:Bearer secret", "--raw", request.body],
    ]);
  });

  it("is one request, whatever curl would make of brackets in its URL", () => {
    const [url] = wordsOf(curl({ method: "GET", url: "http://shelf.test/api/books/[1-9]{a,b}/", headers: {} }));
    assert.equal(url, "http://shelf.test/api/books/%5B1-9%5D%7Ba,b%7D/");
  });

  it("is a call of fetch that says the same", async () => {
    const call = fetchCall(request).replace(/^await fetch/, "return (");
    const asked: unknown = new Function(`const list = (...all) => all; ${call.replace("return ((", "return list(")}`)();
    assert.deepEqual(asked, [request.url, { method: "POST", headers: request.headers, body: request.body }]);
  });

  it("holds what was sent by a form, and no secret of who sent it", async () => {
    const form = { csrfmiddlewaretoken: csrfPair.token, _method: "POST", title: "New", pages: "many" };
    const headers = { "x-user": "alice", cookie: `${csrfPair.cookie}; sessionid=s3cr3t` };
    const site = createTestSite([permission.allowAny()]);
    const { body } = await site.ask({ method: "POST", path: "/api/books/", headers, form });
    const [copied = ""] = /<details class="copy">.*?<\/details>/s.exec(body) ?? [];
    assert.match(copied, /-X POST http:\/\/shelf\.test\/api\/books\//);
    assert.match(copied, /Bearer \$TOKEN/);
    assert.match(copied, /&quot;title&quot;:&quot;New&quot;/);
    assert.doesNotMatch(copied, /s3cr3t|csrf|aaaaaaaa/);
  });
});
