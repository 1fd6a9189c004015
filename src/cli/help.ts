/**
 * The help texts, printed from the rows of commands, flags and settings.
 */
import type { Command, Flag } from "./command.ts";
import { helpFlag, settingsOf } from "./parse.ts";
import { type Style, toColumns } from "./style.ts";

/** The help of all: `drf-auth --help`. */
export function helpOfAll(commands: readonly Command[], style: Style): string {
  return [
    "Declare your data once, get a JWT-secured, browsable REST API.",
    "",
    `${style.bold("Usage:")} drf-auth <command> [flags]`,
    "",
    style.bold("Commands:"),
    ...toColumns(commands.map(({ name, summary }) => [name, summary])),
    "",
    style.bold("Flags:"),
    ...toColumns([
      ["-h, --help", "Show this help, or that of a command."],
      ["-v, --version", "Show the version."],
    ]),
    "",
    "Exit codes: 0 all is well, 1 it failed, 2 the command line is wrong.",
  ].join("\n");
}

/** The help of one command: `drf-auth <command> --help`. */
export function helpOf(command: Command, style: Style): string {
  const { name, summary, arguments: names = [], flags, examples } = command;
  const settings = settingsOf(command).map((row) => {
    const unit = row.unit === undefined ? "" : ` ${row.unit}`;
    return [`    ${row.flag} VALUE`, `${row.description} (${row.name}; default: ${row.default}${unit})`];
  });
  return [
    `${summary}.`,
    "",
    `${style.bold("Usage:")} ${["drf-auth", name, ...names, "[flags]"].join(" ")}`,
    "",
    style.bold("Flags:"),
    ...toColumns([...Object.entries({ ...flags, help: helpFlag }).map(rowOf), ...settings]),
    ...(examples.length === 0 ? [] : ["", style.bold("Examples:"), ...examples.map((example) => `  ${example}`)]),
  ].join("\n");
}

function rowOf([name, { short, type, value = "VALUE", description }]: readonly [string, Flag]): readonly string[] {
  const letter = short === undefined ? "    " : `-${short}, `;
  return [`${letter}--${name}${type === "boolean" ? "" : ` ${value}`}`, description];
}
