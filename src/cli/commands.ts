/** The table of commands, in the order of the help. To add one: a file in `commands/`, a line here. */
import type { Command } from "./command.ts";
import { settings } from "./commands/settings.ts";

export const commands: readonly Command[] = [settings];
