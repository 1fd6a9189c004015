/** `drf-auth serve`: production; as many processes as there are cores, and one that watches them. */
import { projectSettings } from "../../project/index.ts";
import { defineCommand } from "../command.ts";
import { tellMigrations } from "../migration-progress.ts";
import { appFlag, projectOf } from "../project.ts";

export const serve = defineCommand({
  name: "serve",
  summary: "Serve in production, with several workers",
  flags: {
    app: appFlag,
    migrate: { type: "boolean", description: "Apply missing migrations first, instead of refusing to start." },
  },
  settings: projectSettings,
  examples: ["drf-auth serve", "drf-auth serve --host 0.0.0.0 --port 80 --workers 4", "drf-auth serve --migrate"],
  async run(context) {
    const project = await projectOf(context);
    const migrate = () => project.migrate(tellMigrations(context.say));
    return project.serve(context.flags.migrate ? { prepare: migrate } : {});
  },
});
