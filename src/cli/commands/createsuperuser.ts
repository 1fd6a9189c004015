/** `drf-auth createsuperuser`: an account that may do everything. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { accountFlags, createAccount } from "../create-account.ts";

export const createsuperuser = defineCommand({
  name: "createsuperuser",
  summary: "Make an account that may do everything",
  arguments: ["<username>"],
  flags: accountFlags,
  settings: databaseSettings,
  examples: ["drf-auth createsuperuser admin", "drf-auth createsuperuser admin --password-stdin < password.txt"],
  run: (context) => createAccount(context, { is_staff: true, is_superuser: true }),
});
