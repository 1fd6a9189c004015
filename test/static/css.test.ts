import assert from "node:assert/strict";
import { test } from "node:test";
import { referencesInCss } from "../../src/static/css.ts";
import { MissingReference } from "../../src/static/errors.ts";
import { rewrite as rewriteText } from "../../src/static/references.ts";

const hashed: Readonly<Record<string, string>> = {
  "img/a.svg": "img/a.1.svg",
  "img/a(1).svg": "img/a(1).2.svg",
  "img/a b.svg": "img/a b.3.svg",
  "img/100%.svg": "img/100%.4.svg",
  "css/b.css": "css/b.5.css",
  img: "img",
};
const rewrite = (css: string) =>
  rewriteText(css, referencesInCss(css), {
    name: "css/site.css",
    urlPrefix: "/static/",
    hashedName: (name) => hashed[name],
  });

const cases: readonly [what: string, css: string, expected: string][] = [
  ["a bare reference", "url(../img/a.svg)", 'url("../img/a.1.svg")'],
  ["single quotes", "url('../img/a.svg')", 'url("../img/a.1.svg")'],
  ["blanks and capitals", 'URL( "../img/a.svg" )', 'url("../img/a.1.svg")'],
  ["parentheses inside quotes", 'url("../img/a(1).svg")', 'url("../img/a(1).2.svg")'],
  ["two in a line", "url(../img/a.svg),url(../img/a.svg)", 'url("../img/a.1.svg"),url("../img/a.1.svg")'],
  ["a path with detours", "url(../css/../img/./a.svg)", 'url("../css/../img/./a.1.svg")'],
  ["an encoded blank", "url(../img/a%20b.svg)", 'url("../img/a b.3.svg")'],
  ["an encoded percent sign stays encoded", "url(../img/100%25.svg)", 'url("../img/100%25.4.svg")'],
  ["a stray percent sign", "url(../img/100%.svg)", 'url("../img/100%25.4.svg")'],
  ["fragment", "url(../img/a.svg#part)", 'url("../img/a.1.svg#part")'],
  ["query", "url(../img/a.svg?v=1)", 'url("../img/a.1.svg?v=1")'],
  ["the font hack", "url(../img/a.svg?#iefix)", 'url("../img/a.1.svg?#iefix")'],
  ["an absolute reference under the prefix", "url(/static/img/a.svg)", 'url("/static/img/a.1.svg")'],
  ["@import with a medium", '@import "b.css" print;', '@import url("b.5.css") print;'],
  ["@import of a url", "@import url(b.css);", '@import url("b.5.css");'],
  ["a directory", "url(../img/) url(../img)", 'url("../img/") url("../img")'],
  ["a fragment alone", "url(#blur)", 'url("#blur")'],
  ["another host", "url(https://x.test/a.svg) url(//x.test/a)", "url(https://x.test/a.svg) url(//x.test/a)"],
  ["an absolute reference elsewhere", "url(/media/a.svg)", "url(/media/a.svg)"],
  ["data", `url("data:image/svg+xml,<svg fill='url(#a)'/>")`, `url("data:image/svg+xml,<svg fill='url(#a)'/>")`],
  ["a comment", "/* url(gone.svg) */ a{}", "/* url(gone.svg) */ a{}"],
];
for (const [what, css, expected] of cases) {
  test(`rewriting: ${what}`, () => assert.equal(rewrite(css), expected));
}

test("a reference to a missing file names file, line and reference", () => {
  assert.throws(
    () => rewrite("a {}\n/* one\ntwo */\nb { background: url(gone.svg) }"),
    (error) =>
      error instanceof MissingReference &&
      error.line === 4 &&
      error.message === 'css/site.css, line 4: "gone.svg" is not among the static files',
  );
});

test("a reference that leaves the static files is a missing one", () => {
  assert.throws(() => rewrite("url(../../settings.py)"), MissingReference);
  assert.throws(() => rewrite("url(/static/../settings.py)"), MissingReference);
});
