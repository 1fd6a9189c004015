import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextPath } from "../../src/browsable/next-path.ts";
import { requestOf } from "./site.ts";

describe("where login leads", () => {
  const request = requestOf({ path: "/login/" });
  const to = (next: string | undefined) => nextPath(next, request, "/home/");

  it("is the path that was asked for", () => {
    assert.equal(to("/api/books/?page=2#x"), "/api/books/?page=2#x");
    assert.equal(to("http://shelf.test/api/"), "/api/");
    assert.equal(to("/é ü/"), "/%C3%A9%20%C3%BC/");
  });

  it("is the usual page where nothing was asked for", () => {
    assert.equal(to(undefined), "/home/");
    assert.equal(to(""), "/home/");
  });

  it("is never another host", () => {
    const elsewhere = [
      "https://evil.test/",
      "//evil.test/",
      "///evil.test/",
      "\\\\evil.test/",
      "/\\evil.test/",
      "http:evil.test",
      "http:///evil.test",
      "https://shelf.test/",
      "http://shelf.test:81/",
      "http://shelf.test@evil.test/",
      "/\t/evil.test/",
      "\n//evil.test/",
      "/.//evil.test/",
      "/x/..//evil.test/",
      "/%2e//evil.test/",
      "javascript:alert(1)",
      "data:text/html,x",
      "http://[",
    ];
    for (const next of elsewhere) {
      const path = to(next);
      assert.equal(new URL(path, "http://shelf.test/").origin, "http://shelf.test", next);
      assert.match(path, /^\/(?![/\\])/, next);
    }
    assert.equal(to("//evil.test/"), "/home/");
    assert.equal(to("/.//evil.test/"), "/home/");
  });

  it("cannot break out of its header", () => {
    assert.doesNotMatch(to("/a\r\nSet-Cookie: x=1"), /[\r\n]/);
  });
});
