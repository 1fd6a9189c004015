import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHttpDate } from "../../src/static/http-date.ts";

const now = Date.UTC(2026, 0, 1);

test("the three forms of a date are read as the same time", () => {
  for (const text of ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    assert.equal(parseHttpDate(text, now), Date.UTC(1994, 10, 6, 8, 49, 37), text);
});

test("a year of two digits is at most fifty years ahead", () => {
  assert.equal(parseHttpDate("Friday, 01-Jan-75 00:00:00 GMT", now), Date.UTC(2075, 0, 1));
  assert.equal(parseHttpDate("Friday, 01-Jan-77 00:00:00 GMT", now), Date.UTC(1977, 0, 1));
});

test("anything else is no date", () => {
  for (const text of [
    "",
    "1994-11-06T08:49:37Z",
    "06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, again",
  ])
    assert.ok(Number.isNaN(parseHttpDate(text, now)), text);
});
