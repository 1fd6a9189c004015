/** The client as one script, as a bundler of an app would make it but for the shortening of names. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";

const entry = resolve(import.meta.dirname, "../../src/client/client.ts");

/** The modules that a module loads when it runs, each after those that it needs, itself last. */
export function modulesOf(file = entry, found = new Set<string>()): ReadonlySet<string> {
  for (const [, path = ""] of withoutTypes(file).matchAll(/^import [^;]*?from "([^"]+)"/gm))
    if (!found.has(resolve(dirname(file), path))) modulesOf(resolve(dirname(file), path), found);
  return found.add(file);
}

export const clientScript = (): string =>
  Array.from(modulesOf(), (file) =>
    withoutTypes(file)
      .replace(/^import [^;]*;$/gm, "")
      .replace(/^export /gm, ""),
  ).join("\n");

const withoutTypes = (file: string): string => stripTypeScriptTypes(readFileSync(file, "utf8"));
