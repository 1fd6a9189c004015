/** Scripts and source maps: what refers to a collected file refers to its hashed name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, MissingReference } from "../../src/static/index.ts";
import { makeTree, newYear, textIn } from "./tree.ts";

const now = () => newYear.getTime();

async function collected(t: Parameters<typeof makeTree>[0], files: Readonly<Record<string, string>>) {
  const target = makeTree(t);
  await collect({ sources: [{ directory: makeTree(t, files) }], target, now });
  const { paths } = JSON.parse(textIn(target, "staticfiles.json")) as { paths: Record<string, string> };
  return { paths, text: (name: string) => textIn(target, paths[name] ?? name) };
}

/** The last part of a hashed name. */
const last = (path = ""): string => path.split("/").at(-1) ?? "";

test("imports of every form get the hashed names", async (t) => {
  const { paths, text } = await collected(t, {
    "js/main.js": `import { a } from './a.js';
import "../vendor/b.mjs";
export * from "./a.js?v=1";
export { c } from "/static/js/c.js";
const later = () => import("./c.js");
const data = import.meta.url;
import react from "react";
import remote from "https://cdn.example.com/x.js";
`,
    "js/a.js": "export const a = 1;",
    "js/c.js": "export const c = 3;",
    "vendor/b.mjs": "export const b = 2;",
  });
  const [a, b, c] = [last(paths["js/a.js"]), last(paths["vendor/b.mjs"]), last(paths["js/c.js"])];
  assert.equal(
    text("js/main.js"),
    `import { a } from './${a}';
import "../vendor/${b}";
export * from "./${a}?v=1";
export { c } from "/static/js/${c}";
const later = () => import("./${c}");
const data = import.meta.url;
import react from "react";
import remote from "https://cdn.example.com/x.js";
`,
  );
});

test("what only looks like an import stays: in texts, comments, and paths that are made when it runs", async (t) => {
  const script = `// import "./gone.js"
const text = 'import "./gone.js"';
const made = (name) => import("./" + name + ".js");
const glob = (name) => import(\`./\${name}.js\`);
`;
  const { text } = await collected(t, { "a.js": script });
  assert.equal(text("a.js"), script);
});

test("a script that cannot be read as one is left as it is", async (t) => {
  const { text } = await collected(t, { "a.js": 'import "./b.js"; }}} `', "b.js": "" });
  assert.equal(text("a.js"), 'import "./b.js"; }}} `');
});

test("a change goes on to whoever imports it", async (t) => {
  const files = { "a.js": 'import "./b.js";', "b.js": 'import "./c.js";', "c.js": "1;" };
  const [before, after] = [await collected(t, files), await collected(t, { ...files, "c.js": "2;" })];
  for (const name of Object.keys(files)) assert.notEqual(before.paths[name], after.paths[name], name);
});

test("modules in a circle are hashed together, and the others are not", async (t) => {
  const files = {
    "a.js": 'import "./b.js"; import "./d.js"; export const a = 1;',
    "b.js": 'import "./c.js"; export const b = 1;',
    "c.js": 'import "./a.js"; export const c = 1;',
    "d.js": "export const d = 1;",
    "self.js": 'import "./self.js"; import "./a.js";',
  };
  const before = await collected(t, files);
  assert.equal(before.text("c.js"), `import "./${before.paths["a.js"]}"; export const c = 1;`);
  assert.equal(before.text("self.js"), `import "./${before.paths["self.js"]}"; import "./${before.paths["a.js"]}";`);
  const after = await collected(t, { ...files, "c.js": `${files["c.js"]} ` });
  const renamed = Object.keys(files).filter((name) => before.paths[name] !== after.paths[name]);
  assert.deepEqual(renamed, ["a.js", "b.js", "c.js", "self.js"]);
});

test("an import that leads to no file is told with file and line", async (t) => {
  await assert.rejects(
    collected(t, { "js/a.js": '\nexport {};\nimport("./gone.js");' }),
    (error) => error instanceof MissingReference && error.file === "js/a.js" && error.line === 3,
  );
});

test("source maps of scripts and stylesheets are linked by their hashed names, where they are there", async (t) => {
  const { paths, text } = await collected(t, {
    "a.js": "1;\n//# sourceMappingURL=a.js.map\n",
    "a.js.map": "{}",
    "a.css": "a{}\n/*# sourceMappingURL=a.css.map */\n",
    "a.css.map": "{ }",
    "vendor.js": "2;\n//# sourceMappingURL=vendor.js.map",
    "vendor.css": "b{}\n/*# sourceMappingURL=vendor.css.map */",
    "text.js": 'const text = "//# sourceMappingURL=gone.map";\n',
  });
  assert.equal(text("a.js"), `1;\n//# sourceMappingURL=${paths["a.js.map"]}\n`);
  assert.equal(text("a.css"), `a{}\n/*# sourceMappingURL=${paths["a.css.map"]} */\n`);
  assert.match(text("vendor.js"), /=vendor\.js\.map$/);
  assert.match(text("vendor.css"), /=vendor\.css\.map \*\/$/);
  assert.match(text("text.js"), /=gone\.map";\n$/);
});
