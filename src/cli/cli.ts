/**
 * The command line: finds the command, parses its flags, runs it, and says what went wrong in one line.
 *
 * Everything comes from the process that is passed in, so tests run it with one of their own.
 * Reference: django.core.management.ManagementUtility. Differs: exit code 2 is the command line's fault, 1 is everything else's.
 */
import { readFileSync } from "node:fs";
import { suggest } from "../config/index.ts";
import { DrfAuthError } from "../errors.ts";
import { type Command, exit, UsageError } from "./command.ts";
import { commands as table } from "./commands.ts";
import { helpOf, helpOfAll } from "./help.ts";
import { parseCommandLine } from "./parse.ts";
import { createStyle } from "./style.ts";

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on?(event: "error", listener: (error: Error) => void): unknown;
  listenerCount?(event: "error"): number;
}

/** The part of a process that the command line uses. */
export interface Terminal {
  /** As `process.argv`: the first two are Node and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * Runs a command line.
 *
 * @returns the exit code: 0 all is well, 1 it failed, 2 the command line is wrong
 */
export async function runCli(terminal: Terminal, commands: readonly Command[] = table): Promise<number> {
  const { argv, env, stdout, stderr } = terminal;
  const print = (line: string): void => void stdout.write(`${line}\n`);
  const say = (line: string): void => void stderr.write(`${line}\n`);
  stdout.on?.("error", (error) => {
    // Who reads may have seen enough, as "head" has: the command still does its work.
    const hasEnough = "code" in error && error.code === "EPIPE";
    if (!hasEnough && stdout.listenerCount?.("error") === 1) throw error;
  });
  const style = createStyle(stdout.isTTY === true, env);
  const warn = createStyle(stderr.isTTY === true, env);
  const words = argv.slice(2);
  const [first] = words;
  try {
    if (first === undefined || first === "help" || first === "--help" || first === "-h") {
      const [, asked] = words;
      print(asked === undefined ? helpOfAll(commands, style) : helpOf(getCommand(commands, asked), style));
      return exit.ok;
    }
    if (first === "--version" || first === "-v") {
      print(versionOf(new URL("../../package.json", import.meta.url)));
      return exit.ok;
    }
    const command = getCommand(commands, first);
    const { isHelp, ...parsed } = parseCommandLine(command, words.slice(1));
    if (isHelp) {
      print(helpOf(command, style));
      return exit.ok;
    }
    const code = await command.run({ ...parsed, environment: env, print, say, style });
    return typeof code === "number" ? code : exit.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      say(
        `${warn.red("drf-auth:")} ${error.message}\nTry: drf-auth ${findCommand(commands, first)?.name ?? ""} --help`.replace(
          "  ",
          " ",
        ),
      );
      return exit.usage;
    }
    say(`${warn.red("drf-auth:")} ${messageOf(error)}`);
    return exit.failed;
  }
}

const findCommand = (commands: readonly Command[], name: string | undefined) =>
  commands.find((command) => command.name === name);

function getCommand(commands: readonly Command[], name: string): Command {
  const command = findCommand(commands, name);
  if (command !== undefined) return command;
  const names = commands.map((known) => known.name);
  throw new UsageError(
    name.startsWith("-") ? `expected a command before ${name}` : `there is no command ${name}${suggest(name, names)}`,
  );
}

/** One line for what a person can put right; a stack for what only a programmer can. */
function messageOf(error: unknown): string {
  if (error instanceof DrfAuthError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function versionOf(packageFile: URL): string {
  const { version }: { version?: unknown } = JSON.parse(readFileSync(packageFile, "utf8"));
  return String(version);
}
