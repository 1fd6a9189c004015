/**
 * A command line against a command: its flags, the settings it takes as flags, its arguments.
 *
 * node:util takes the words apart; what is unknown is refused here, with the name that was probably meant.
 */
import { parseArgs } from "node:util";
import { describeSettings, type SettingDescription, suggest } from "../config/index.ts";
import { type Command, type Context, type Flag, UsageError } from "./command.ts";

/** What was asked for. */
export type Parsed = Pick<Context, "arguments" | "flags" | "settingFlags"> & { readonly isHelp: boolean };

/** The flag that every command has. */
export const helpFlag: Flag = { type: "boolean", short: "h", description: "Show this help." };

/** The settings a command takes as flags. */
export const settingsOf = ({ settings = {} }: Command): readonly (SettingDescription & { readonly flag: string })[] =>
  describeSettings(settings).flatMap((row) => (row.flag === undefined ? [] : [{ ...row, flag: row.flag }]));

/**
 * Reads the words after the command's name.
 * @throws UsageError  an unknown flag, a flag without its value or with one too many, too few or too many arguments
 */
export function parseCommandLine(command: Command, words: readonly string[]): Parsed {
  const settingNames = settingsOf(command).map(({ flag }) => flag.slice(2));
  const known: Record<string, Flag> = { ...command.flags, help: helpFlag };
  for (const name of settingNames) known[name] = { type: "string", description: "" };
  const { tokens } = parseArgs({
    args: [...words],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const flags: Record<string, string | true> = {};
  const settingFlags: Record<string, string> = {};
  const given: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") given.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const flag = Object.hasOwn(known, name) ? known[name] : undefined;
    if (flag === undefined) {
      throw new UsageError(
        `there is no flag ${rawName}${suggest(
          rawName,
          Object.keys(known).map((other) => `--${other}`),
        )}`,
      );
    }
    if (flag.type === "boolean") {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
      flags[name] = true;
    } else {
      if (value === undefined)
        throw new UsageError(`${rawName} needs a value, as in ${rawName} ${flag.value ?? "VALUE"}`);
      if (settingNames.includes(name)) settingFlags[name] = value;
      else flags[name] = value;
    }
  }
  const isHelp = flags.help === true;
  if (!isHelp) checkArguments(command, given);
  return { arguments: given, flags, settingFlags, isHelp };
}

function checkArguments({ arguments: expected = [] }: Command, given: readonly string[]): void {
  const isOpen = expected.at(-1)?.includes("...") === true;
  const missing = expected.find((name, i) => name.startsWith("<") && given[i] === undefined);
  if (missing !== undefined) throw new UsageError(`expected ${missing}`);
  if (!isOpen && given.length > expected.length)
    throw new UsageError(`"${given[expected.length]}" is one argument too many`);
}
