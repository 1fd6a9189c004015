/** `drf-auth unlock`: lets a user or an address try again at once. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand, exit, UsageError } from "../command.ts";
import { withLockouts } from "../lockouts.ts";
import { appFlag } from "../project.ts";

export const unlock = defineCommand({
  name: "unlock",
  summary: "Forget the wrong passwords of a user or an address",
  arguments: ["[user or address]"],
  flags: { app: appFlag, all: { type: "boolean", description: "Of everybody." } },
  settings: databaseSettings,
  examples: ["drf-auth unlock alice", "drf-auth unlock 203.0.113.7", "drf-auth unlock --all"],
  async run(context) {
    const [who] = context.arguments;
    if ((who === undefined) !== (context.flags.all === true))
      throw new UsageError("expected a user name, an address, or --all");
    const count = await withLockouts(context, (opened) =>
      who === undefined ? opened.unlockAll() : opened.unlock(who),
    );
    if (count > 0 || who === undefined) return void context.print(`Counts forgotten: ${count}.`);
    context.say(`Nothing was counted for "${who}".`);
    return exit.failed;
  },
});
