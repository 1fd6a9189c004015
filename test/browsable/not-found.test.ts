import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { assetsDirectory, notFoundPage } from "../../src/browsable/index.ts";

it("the page for a path where there is nothing needs no other file", () => {
  assert.match(notFoundPage, /^<!doctype html>/);
  assert.doesNotMatch(notFoundPage, /src=|href=|<script/);
});

it("the style of the pages lies where the static files are taken from", () => {
  assert.ok(existsSync(join(assetsDirectory, "pages.css")));
});
