/** The import table of ARCHITECTURE.md, held against the sources. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const source = resolve(import.meta.dirname, "../src");

/** From what everybody may import to what nobody imports; systems of one row do not know each other. */
const rows = [
  ["errors.ts"],
  ["config"],
  ["model", "mail"],
  ["db", "media"],
  ["resource"],
  ["auth"],
  ["browsable", "openapi", "http", "static", "server", "moving"],
  ["app"],
  ["project"],
  ["index.ts"],
  ["cli", "testing", "client"],
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const roomOf = (file: string): string => relative(source, file).split("/")[0] ?? "";
const rankOf = (room: string): number => rows.findIndex((row) => row.includes(room));

/** What is wrong with imports, a sentence each. */
function faultsOf(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    if (here === there) return [];
    const arrow = `${relative(source, from)} imports ${relative(source, to)}`;
    if (rankOf(here) < 0 || rankOf(there) < 0) return [`${arrow}: a room that is not in the table`];
    if (rankOf(there) >= rankOf(here)) return [`${arrow}: against the direction`];
    const isFace = to.endsWith("/index.ts") || dirname(to) === source;
    return isFace ? [] : [`${arrow}: not through its index.ts`];
  });
}

/** Files that import each other in a circle, each circle once. */
function circlesOf(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].map((one) => relative(source, one)).join(" -> "));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return circles;
}

/** Imports of a file; those of types alone are left out where they do not matter, for they are gone when it runs. */
function importsOf(file: string, withTypes: boolean): Import[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const code = withTypes ? text : text.replace(/^(import|export) type [^;]*;/gm, "");
  return [...code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) => ({
    from: file,
    to: resolve(dirname(file), path),
  }));
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(source, name));
const imports = files.flatMap((file) => importsOf(file, true));
const running = files.flatMap((file) => importsOf(file, false));

test("imports run one way, and from folder to folder through the face", () => {
  assert.ok(imports.length > 100, "the sources were found");
  assert.deepEqual(faultsOf(imports), []);
});

test("no files need each other in a circle when they run", () => {
  assert.deepEqual(circlesOf(running), []);
});

test("an import against the direction, past a face, or in a circle is found", () => {
  const file = (name: string) => join(source, name);
  const broken = [
    { from: file("model/model.ts"), to: file("db/index.ts") },
    { from: file("auth/users.ts"), to: file("db/store.ts") },
    { from: file("static/serve.ts"), to: file("browsable/index.ts") },
  ];
  assert.equal(faultsOf(broken).length, 3);
  assert.equal(
    circlesOf([
      { from: "a", to: "b" },
      { from: "b", to: "a" },
    ]).length,
    1,
  );
});

test("there is no folder for what found no name", () => {
  assert.deepEqual(
    files.filter((name) => /\b(utils?|helpers?|misc|common)\b/.test(relative(source, name))),
    [],
  );
});

test("ARCHITECTURE.md names only files that are there", () => {
  const root = resolve(source, "..");
  const names = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").matchAll(/`([a-z][a-z./-]*(?:\.ts|\/))`/g);
  const missing = Array.from(names, ([, name = ""]) => name).filter(
    (name) => !existsSync(join(source, name)) && !existsSync(join(root, name)),
  );
  assert.deepEqual(missing, []);
});
