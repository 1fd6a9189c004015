/** `drf-auth migrate`: brings the database to the migrations, and to one of them where it is named. */
import { databaseSettings } from "../../db/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { appFlag, describePlanned, projectOf, tellProgress } from "../project.ts";

export const migrate = defineCommand({
  name: "migrate",
  summary: "Apply migrations to the database",
  arguments: ["[label]", "[migration]"],
  flags: {
    app: appFlag,
    plan: { type: "boolean", description: "Say what would be done, and do nothing." },
  },
  settings: databaseSettings,
  examples: [
    "drf-auth migrate",
    "drf-auth migrate --plan",
    "drf-auth migrate shop 0002_book_subtitle",
    "drf-auth migrate shop zero",
  ],
  async run(context) {
    const { flags, print } = context;
    const [label, name] = context.arguments;
    if (label !== undefined && name === undefined) {
      throw new UsageError(`expected a migration of ${label} to go to, or "zero" to undo all of them`);
    }
    const to = label === undefined ? undefined : { label, name: name === "zero" ? undefined : name };
    const project = await projectOf(context);
    const { plan } = flags;
    const done = await project.migrate({ plan, to, onProgress: tellProgress(print) });
    if (plan) for (const each of done) print(describePlanned(each));
    if (done.length === 0) print("The database is up to date.");
    const missing = to ? [] : await project.findMissingMigrations();
    if (missing.length > 0)
      context.say('The models have changes without a migration; "drf-auth makemigrations" writes it.');
  },
});
