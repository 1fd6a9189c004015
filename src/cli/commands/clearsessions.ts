/** `drf-auth clearsessions`: remove sessions of browsers that have expired; `serve` does it by itself. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const clearsessions = defineCommand({
  name: "clearsessions",
  summary: "Remove sessions of browsers that have expired",
  flags: { app: appFlag },
  settings: databaseSettings,
  examples: ["drf-auth clearsessions"],
  async run(context) {
    const project = await projectOf(context);
    context.print(`${await project.removeExpired("sessions")} rows removed`);
  },
});
