/** `drf-auth flushexpiredtokens`: remove refresh tokens that have expired, and their sessions; `serve` does it by itself. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const flushexpiredtokens = defineCommand({
  name: "flushexpiredtokens",
  summary: "Remove refresh tokens that have expired, and their sessions",
  flags: { app: appFlag },
  settings: databaseSettings,
  examples: ["drf-auth flushexpiredtokens"],
  async run(context) {
    const project = await projectOf(context);
    context.print(`${await project.removeExpired("tokens")} rows removed`);
  },
});
