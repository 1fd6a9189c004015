import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jsonView } from "../../src/browsable/json-view.ts";

const plain = (text: string) =>
  text
    .replace(/<[^>]+>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

describe("JSON on a page", () => {
  const value = {
    id: 1,
    list: [],
    object: {},
    nested: [{ a: null, b: [true, 1.5] }],
    text: `<img src=x onerror="alert(1)">\n'&`,
  };

  it("is the JSON of the API, indented", () => {
    assert.equal(plain(jsonView(value).text), JSON.stringify(value, undefined, 2));
  });

  it("holds no markup of a value or a name", () => {
    const { text } = jsonView({ "<script>": value.text });
    assert.doesNotMatch(text, /<script|<img/);
  });

  it("shows whole numbers of any size", () => {
    assert.match(jsonView({ big: 12345678901234567890n }).text, /12345678901234567890/);
  });

  it("shows a picture that is its own URL as one, and no other markup", () => {
    const svg = "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=";
    assert.match(
      jsonView({ qr: svg }).text,
      /<img class="picture" src="data:image\/svg\+xml;base64,PHN2Zz48L3N2Zz4=" alt="/,
    );
    for (const other of [
      "data:text/html;base64,PHN2Zz4=",
      'data:image/png;base64,"><script>',
      "data:image/svg+xml,<svg>",
      `data:image/png;base64,${"A".repeat(200_000)}`,
    ])
      assert.doesNotMatch(jsonView(other).text, /<img|<script/);
  });

  it("links URLs of the web, and no others", () => {
    assert.match(
      jsonView("https://a.test/?x=1&y=2").text,
      /<a href="https:\/\/a\.test\/\?x=1&amp;y=2" rel="nofollow noreferrer">/,
    );
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,x",
      "//a.test/",
      "see https://a.test/",
      'https://a.test/" onclick="x',
      "https://",
    ]) {
      assert.doesNotMatch(jsonView(text).text, /<a /, text);
    }
  });

  it("links the keys of a list's rows, not those of objects inside them", () => {
    const { text } = jsonView(
      { count: 1, results: [{ id: 7, book: { id: 9 } }] },
      { key: "id", path: "/api/reviews/" },
    );
    assert.match(text, /<a href="\/api\/reviews\/7\/">7<\/a>/);
    assert.equal(text.split("<a ").length, 2);
  });

  it("escapes a key that is a text", () => {
    assert.match(jsonView([{ slug: "a/b?c" }], { key: "slug", path: "/t/" }).text, /href="\/t\/a%2Fb%3Fc\/"/);
  });
});
