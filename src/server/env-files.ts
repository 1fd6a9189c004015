/**
 * Variables that Node read from files (`node --env-file=.env`): workers read the files anew, so that a reload takes up what changed.
 *
 * For Node a variable that is in the environment already is stronger than a file, so a worker must not inherit it from its primary.
 */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/**
 * Makes the function that takes them out of an environment.
 * @param execArgv  the options that this process was started with
 */
export function createEnvironment(execArgv: readonly string[]): (environment: NodeJS.ProcessEnv) => NodeJS.ProcessEnv {
  const read = new Map(filesIn(execArgv).flatMap((file) => Object.entries(variablesOf(file))));
  return (environment) =>
    Object.fromEntries(
      Object.entries(environment).filter(([name, value]) => !read.has(name) || read.get(name) !== value),
    );
}

function filesIn(execArgv: readonly string[]): readonly string[] {
  const form = /^--env-file(?:-if-exists)?(?:=(.*))?$/s;
  return execArgv.flatMap((word, i) => {
    const found = form.exec(word);
    return found ? [found[1] ?? execArgv[i + 1] ?? ""] : [];
  });
}

function variablesOf(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
