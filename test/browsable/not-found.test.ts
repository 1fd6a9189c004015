import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { assetsDirectory, notFoundPage } from "../../src/browsable/index.ts";
import { createTestSite } from "./site.ts";

it("without pages, the page for a path where there is nothing needs no other file", () => {
  assert.match(notFoundPage(), /^<!doctype html>/);
  assert.doesNotMatch(notFoundPage(), /src=|href=|<script/);
});

it("with pages it has their look and the way home; without the files of their look it is there all the same", () => {
  const { site } = createTestSite().pages;
  const page = notFoundPage({ ...site, title: "Shelf <b>", declared: { styles: ["brand.css"] } });
  assert.match(page, /href="\/static\/pages\.css">\s*<link rel="stylesheet" href="\/static\/brand\.css">/);
  assert.match(page, /<a class="brand" href="\/api\/">Shelf &lt;b&gt;<\/a>/);
  assert.match(page, /<a href="\/api\/">To the start of the API<\/a>/);
  const missing = () => {
    throw new Error("not collected");
  };
  assert.match(notFoundPage({ ...site, asset: missing }), /<main>\s*<h1>Not found/);
});

it("the style of the pages lies where the static files are taken from", () => {
  assert.ok(existsSync(join(assetsDirectory, "pages.css")));
});
