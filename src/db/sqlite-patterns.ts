/**
 * `value REGEXP pattern` for SQLite, on JavaScript's regular expressions, and the time that it may take.
 *
 * A pattern that backtracks without end would stop the process, so a statement that matches patterns runs under a time limit:
 * node:vm's, which reaches into a single match.
 * Reference: the `regexp` function of django.db.backends.sqlite3.
 */
import type { SQLInputValue } from "node:sqlite";
import { type Context, createContext, Script } from "node:vm";
import { InvalidPattern } from "./errors.ts";

/** Milliseconds that a statement may match patterns. */
const MATCHING_MS = 500;

let lastPattern: { readonly source: string; readonly compiled: RegExp } | undefined;

/** The function itself; a pattern that begins with `(?i)` ignores case. */
export function matches(pattern: SQLInputValue, value: SQLInputValue): SQLInputValue {
  if (pattern === null || value === null) return null;
  const source = String(pattern);
  if (lastPattern?.source !== source) lastPattern = { source, compiled: compilePattern(source) };
  return lastPattern.compiled.test(String(value)) ? 1 : 0;
}

function compilePattern(source: string): RegExp {
  const ignoresCase = source.startsWith("(?i)");
  try {
    return new RegExp(ignoresCase ? source.slice(4) : source, ignoresCase ? "i" : "");
  } catch (cause) {
    throw new InvalidPattern("expected a regular expression of JavaScript", { cause });
  }
}

/** Made at its first use: most servers match no patterns. */
let sandbox: Context | undefined;
const callRun = new Script("run()");

/**
 * Runs work for a limited time, be it within a single match.
 * @throws InvalidPattern  it took longer
 */
export function withinTime<T>(run: () => T): T {
  sandbox ??= createContext({ run: undefined });
  sandbox.run = run;
  try {
    return callRun.runInContext(sandbox, { timeout: MATCHING_MS });
  } catch (cause) {
    // The error is one of the sandbox, so it is no `Error` of ours.
    const isTimeout = typeof cause === "object" && cause !== null && Reflect.get(cause, "code") === timeoutCode;
    throw isTimeout ? new InvalidPattern(`expected a pattern that takes at most ${MATCHING_MS} ms`) : cause;
  }
}

const timeoutCode = "ERR_SCRIPT_EXECUTION_TIMEOUT";
