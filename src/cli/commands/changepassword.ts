/** `drf-auth changepassword`: another password for an account. Reference: the command of django.contrib.auth. */
import { databaseSettings } from "../../db/index.ts";
import { accountNamed } from "../account.ts";
import { defineCommand } from "../command.ts";
import { passwordFlag, readPassword, sourceOf } from "../password.ts";
import { appFlag, byCommand, withApp } from "../project.ts";

export const changepassword = defineCommand({
  name: "changepassword",
  summary: "Give an account another password, which ends its sessions",
  arguments: ["<username>"],
  flags: { app: appFlag, "password-stdin": passwordFlag },
  settings: databaseSettings,
  examples: ["drf-auth changepassword alice", "drf-auth changepassword alice --password-stdin < password.txt"],
  run: (context) =>
    withApp(context, async ({ users, events, findPasswordIssues }) => {
      const user = await accountNamed(users, context.arguments[0]);
      const password = await readPassword(sourceOf(context), (chosen) => findPasswordIssues(chosen, user));
      await users.setPassword(user.id, password);
      events.emit("authn_password_change", { userId: user.id, username: user.username, detail: byCommand });
      context.print(`The account "${user.username}" has another password.`);
      return undefined;
    }),
});
