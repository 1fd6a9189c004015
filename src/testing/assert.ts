/**
 * The matrix as a test: compared with a file in the repository, and refused where anybody at all may write.
 * Reference: snapshot files as in `node:test` and Jest.
 */
import { AssertionError } from "node:assert";
import { readFile, writeFile } from "node:fs/promises";
import type { App } from "../app/index.ts";
import { ConfigurationError } from "../errors.ts";
import { type AuthorizationMatrix, authorizationMatrix, type MatrixOptions, type UnguardedWrite } from "./matrix.ts";
import { differences } from "./text.ts";

export interface AuthorizationOptions extends MatrixOptions {
  /** The file that holds the table; it is written where it is missing, or where UPDATE_AUTHORIZATION is 1 in the environment. */
  readonly snapshot: URL | string;
  /** Writes that are open to everybody, not signed in, on purpose: `resource.action`. */
  readonly open?: readonly string[];
  /** Writes to somebody's row that are open to any other account, on purpose: `resource.action`. */
  readonly openToOthers?: readonly string[];
}

/**
 * Fails where an app lets somebody do what the file does not say; where a write is open to everybody that `open` does not name; and
 * where an account may write to a row that is another's, which `openToOthers` does not name.
 *
 * @param app  the default export of the app file
 * @returns the matrix, for further questions
 * @throws AssertionError  names each cell that is different, or each write that is open
 * @throws ConfigurationError  a value cannot be made up (see `authorizationMatrix`), or `open` or `openToOthers` names what is no write
 * @example
 * await assertAuthorization(app, { snapshot: new URL("./authorization.txt", import.meta.url) });
 */
export async function assertAuthorization(app: App, options: AuthorizationOptions): Promise<AuthorizationMatrix> {
  const matrix = await authorizationMatrix(app, options);
  const { snapshot, open = [], openToOthers = [] } = options;
  checkNames(matrix, { open, openToOthers });
  checkOpen(matrix, open);
  const actual = matrix.toText();
  const expected = process.env.UPDATE_AUTHORIZATION === "1" ? undefined : await readIfThere(snapshot);
  const found = expected === undefined ? [] : differences(expected, actual);
  if (found.length > 0) {
    const file = snapshot instanceof URL ? snapshot.pathname : snapshot;
    fail(
      `Who may do what is not what ${file} says:
${listOf(found)}
Where that is meant, UPDATE_AUTHORIZATION=1 writes it anew.`,
    );
  }
  checkOthers(matrix, [...open, ...openToOthers]);
  if (expected === undefined) await writeFile(snapshot, actual);
  return matrix;
}

function checkNames({ cells }: AuthorizationMatrix, named: Readonly<Record<string, readonly string[]>>): void {
  const writes = [...new Set(cells.flatMap(({ method, action }) => (method === "GET" ? [] : [action])))];
  for (const [option, names] of Object.entries(named)) {
    const wrong = names.find((name) => !writes.includes(name));
    if (wrong !== undefined)
      throw new ConfigurationError(option, `"${wrong}" is no write; writes: ${writes.join(", ")}`);
  }
}

const unguarded = ({ unguardedWrites }: AuthorizationMatrix, by: UnguardedWrite["actor"], meant: readonly string[]) =>
  unguardedWrites.flatMap(({ action, actor }) => (actor === by && !meant.includes(action) ? [action] : []));

function checkOpen(matrix: AuthorizationMatrix, open: readonly string[]): void {
  const names = unguarded(matrix, "anonymous", open);
  if (names.length === 0) return;
  fail(
    `Whoever is not signed in may write:\n${listOf(names)}\nWhere that is meant, say so: open: ${JSON.stringify(names)}.`,
  );
}

function checkOthers(matrix: AuthorizationMatrix, meant: readonly string[]): void {
  const names = unguarded(matrix, "other", meant);
  if (names.length === 0) return;
  fail(
    `Any account may write to a row that is another's:\n${listOf(names)}\nA permission on the row or a scope is missing. Where that is meant, say so: openToOthers: ${JSON.stringify(names)}.`,
  );
}

function fail(message: string): never {
  throw new AssertionError({ message, stackStartFn: assertAuthorization });
}

const listOf = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join("\n");

/** Undefined where there is no such file. */
async function readIfThere(file: URL | string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
