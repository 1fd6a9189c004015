/**
 * What a command is: a name, a sentence, flags and examples as data, and what it does.
 *
 * One file a command in `commands/`, one entry in `commands.ts`; `cli.ts` parses, helps and reports, so that a command does
 * only what it is for.
 * Reference: AdonisJS commands; names are those of django-admin and gunicorn.
 */
import type { Settings } from "../config/index.ts";
import type { Style } from "./style.ts";

/** Exit codes, the same for every command. */
export const exit = {
  /** All is well. */
  ok: 0,
  /** It did not work; standard error says why. */
  failed: 1,
  /** The command line is wrong; standard error says how. */
  usage: 2,
} as const;

export interface Flag {
  /** `boolean` takes no value. */
  readonly type: "boolean" | "string";
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in help, e.g. `FILE`. */
  readonly value?: string;
  readonly description: string;
}

/** Flags by name, without dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** The values of flags; one that was not given is undefined. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: ValueOfType<F[Name]["type"]> | undefined;
};
type ValueOfType<T extends Flag["type"]> = T extends "boolean" ? true : string;

/** What a command may use; nothing of it is a global, so a test can run every command. */
export interface Context<F extends Flags = Flags> {
  /** What follows the command and is no flag. */
  readonly arguments: readonly string[];
  readonly flags: FlagValues<F>;
  /** Flags that stand for settings, ready for `readSettings`. */
  readonly settingFlags: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes a line to standard output: results, which other programs may read. */
  print(line: string): void;
  /** Writes a line to standard error: what people should know. */
  say(line: string): void;
  /** Colours for standard output, where it can show them. */
  readonly style: Style;
}

export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** One sentence, without its full stop. */
  readonly summary: string;
  /** Its arguments as help shows them, e.g. `<username>`, `[file]`. An optional one may follow, not precede, a required one. */
  readonly arguments?: readonly string[];
  readonly flags: F;
  /** Settings that may be given as flags. */
  readonly settings?: Settings<Record<string, unknown>>;
  /** Command lines, each as one would type it. */
  readonly examples: readonly string[];
  /** Does it. Throws where it fails; a number is another exit code. */
  run(context: Context<F>): Promise<number | undefined> | number | undefined;
}

/** Declares a command; the flags it is run with are typed by their rows. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return Object.freeze(command);
}

/** The command line is wrong; the message is the whole line that a person sees. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
