/** One spelling of a path, whichever a client chose: links, redirects and routes agree on it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { normalPath } from "../../src/http/routes.ts";

test("a path is spelled as links have it, and the query left as it is", () => {
  for (const [sent, normal] of [
    ["/api/books/", "/api/books/"],
    ["/api/book%73/?a=%73", "/api/books/?a=%73"],
    ["/api/books%2F1%2f", "/api/books/1/"],
    ["/api/tags%2Ejson", "/api/tags.json"],
    ["/api/a;b", "/api/a%3Bb"],
    ["/api/%C3%A9/", "/api/%C3%A9/"],
    ["/api/a%20b", "/api/a%20b"],
    ["/api/a@b:c+d,e", "/api/a@b:c+d,e"],
    ["/api/books/#part", "/api/books/"],
    ["/api/books/?a=1#part", "/api/books/?a=1"],
  ])
    assert.equal(normalPath(sent ?? ""), normal);
});

test("what is no escape, or no UTF-8, stands for itself", () => {
  for (const [sent, normal] of [
    ["/%/", "/%25/"],
    ["/%zz%2", "/%25zz%252"],
    ["/%FF/", "/%25FF/"],
    ["/%c3%28/", "/%25c3(/"],
    ["/%61%FF%C3%A9/", "/a%25FF%C3%A9/"],
    ["/%ed%a0%80/", "/%25ed%25a0%2580/"],
  ])
    assert.equal(normalPath(sent ?? ""), normal);
  assert.equal(normalPath(normalPath("/%FF/")), "/%25FF/");
});
