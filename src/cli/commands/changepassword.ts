/** `drf-auth changepassword`: another password for an account. Reference: the command of django.contrib.auth. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { AccountRefused, passwordFlag } from "../create-account.ts";
import { readPassword } from "../password.ts";
import { appFlag, projectOf } from "../project.ts";

export const changepassword = defineCommand({
  name: "changepassword",
  summary: "Give an account another password, which ends its sessions",
  arguments: ["<username>"],
  flags: { app: appFlag, "password-stdin": passwordFlag },
  settings: databaseSettings,
  examples: ["drf-auth changepassword alice", "drf-auth changepassword alice --password-stdin < password.txt"],
  async run(context) {
    const [username = ""] = context.arguments;
    const { "password-stdin": isPiped = false } = context.flags;
    const project = await projectOf(context);
    await project.checkMigrations();
    const running = await project.start();
    try {
      const user = await running.users.byUsername(username);
      if (!user) throw new AccountRefused(`there is no account "${username}"`);
      const ask = (question: string): void => void process.stderr.write(question);
      const password = await readPassword({ input: process.stdin, isPiped, ask }, (chosen) =>
        running.findPasswordIssues(chosen, user),
      );
      await running.users.setPassword(user.id, password);
      context.print(`The account "${username}" has another password.`);
    } finally {
      await running.close();
    }
    return undefined;
  },
});
