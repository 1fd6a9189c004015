/** `drf-auth resetsecondfactor`: an account whose app and recovery codes are lost. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { AccountRefused } from "../create-account.ts";
import { appFlag, projectOf } from "../project.ts";

export const resetsecondfactor = defineCommand({
  name: "resetsecondfactor",
  summary: "Take the second factor from an account that has lost it",
  arguments: ["<username>"],
  flags: { app: appFlag },
  settings: databaseSettings,
  examples: ["drf-auth resetsecondfactor alice"],
  async run(context) {
    const [username = ""] = context.arguments;
    const running = await (await projectOf(context)).start();
    try {
      const user = await running.users.byUsername(username);
      if (!user) throw new AccountRefused(`there is no account "${username}"`);
      if (!running.secondFactor) throw new AccountRefused("this app has no second factor (defineApp, secondFactor)");
      const had = await running.secondFactor.disable(user.id);
      context.print(
        had ? `The account "${username}" signs in by password again.` : `The account "${username}" had none.`,
      );
    } finally {
      await running.close();
    }
    return undefined;
  },
});
