/** `drf-auth resetsecondfactor`: an account whose app and recovery codes are lost. */
import { databaseSettings } from "../../db/index.ts";
import { AccountRefused, accountNamed } from "../account.ts";
import { defineCommand } from "../command.ts";
import { appFlag, byCommand, withApp } from "../project.ts";

export const resetsecondfactor = defineCommand({
  name: "resetsecondfactor",
  summary: "Take the second factor from an account that has lost it",
  arguments: ["<username>"],
  flags: { app: appFlag },
  settings: databaseSettings,
  examples: ["drf-auth resetsecondfactor alice"],
  run: (context) =>
    withApp(context, async ({ users, events, secondFactor }) => {
      const { id: userId, username } = await accountNamed(users, context.arguments[0]);
      if (!secondFactor) throw new AccountRefused("this app has no second factor (defineApp, secondFactor)");
      const had = await secondFactor.disable(userId);
      if (had) events.emit("user_updated", { userId, username, detail: `second_factor,off,${byCommand}` });
      context.print(
        had ? `The account "${username}" signs in by password again.` : `The account "${username}" had none.`,
      );
      return undefined;
    }),
});
