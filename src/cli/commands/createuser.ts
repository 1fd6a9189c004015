/** `drf-auth createuser`: an account that may sign in. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { accountFlags, createAccount } from "../create-account.ts";

export const createuser = defineCommand({
  name: "createuser",
  summary: "Make an account",
  arguments: ["<username>"],
  flags: accountFlags,
  settings: databaseSettings,
  examples: ["drf-auth createuser alice", "drf-auth createuser alice --email alice@example.com < password.txt"],
  run: (context) => createAccount(context, { is_staff: false, is_superuser: false }),
});
