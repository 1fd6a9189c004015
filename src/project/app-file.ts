/** The file that declares an app: found, loaded, and recognized. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { App } from "../app/index.ts";
import { ConfigurationError, DrfAuthError } from "../errors.ts";

const names = ["app.ts", "app.js"];

/** The absolute path of the app file of a directory, if there is one. */
export const appFileIn = (directory: string): string | undefined =>
  names.map((name) => join(directory, name)).find((path) => existsSync(path));

/**
 * The absolute path of the app file.
 *
 * @param given  what somebody asked for; else `app.ts` or `app.js` in the directory
 * @throws ConfigurationError  there is no such file
 */
export function findAppFile(given: string | undefined, directory: string): string {
  const found = given === undefined ? appFileIn(directory) : resolve(directory, given);
  if (found !== undefined && existsSync(found)) return found;
  throw given === undefined
    ? new ConfigurationError(directory, `expected ${names.join(" or ")} here; another file is named with --app FILE`)
    : new ConfigurationError(`--app ${given}`, "there is no such file");
}

/**
 * Runs an app file and returns its app.
 * @throws ConfigurationError  it does not run, or its default export is not what `defineApp` returns
 */
export async function loadApp(file: string): Promise<App> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    throw new ConfigurationError(file, reasonOf(cause), { cause });
  }
  if (isApp(module.default)) return module.default;
  throw new ConfigurationError(file, "expected `export default defineApp({ … })`");
}

/** What `defineApp` returns, also that of another copy of this package. */
function isApp(value: unknown): value is App {
  if (typeof value !== "object" || value === null) return false;
  return ["resources", "endpoints", "models", "rates", "prefix", "settings"].every((name) => name in value);
}

/** A declaration at fault says so itself; any other error is the file's own, which its stack leads to. */
function reasonOf(error: unknown): string {
  if (error instanceof DrfAuthError) return error.message;
  if (!(error instanceof Error)) return `does not run: ${String(error)}`;
  if (error instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(error.message)) {
    return 'is no ES module; "npm pkg set type=module" makes it one (npm init writes "commonjs")';
  }
  const lines = (error.stack ?? error.message)
    .split("\n")
    .filter((line) => !line.includes("(node:") && !line.includes(" node:"));
  return `does not run:\n${lines.join("\n")}`;
}
