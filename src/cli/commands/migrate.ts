/** `drf-auth migrate`: brings the database to the migrations, and to one of them where it is named. */
import { databaseSettings, hintsOf } from "../../db/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { appFlag, describePlanned, projectOf, tellProgress } from "../project.ts";

export const migrate = defineCommand({
  name: "migrate",
  summary: "Apply migrations to the database",
  arguments: ["[label]", "[migration]"],
  flags: {
    app: appFlag,
    plan: { type: "boolean", description: "Say what would be done, and do nothing." },
    fake: { type: "boolean", description: "Record, but change no table." },
    "fake-initial": {
      type: "boolean",
      description: "Record the first migration of a label, and change no table, where its tables are there already.",
    },
  },
  settings: databaseSettings,
  examples: [
    "drf-auth migrate",
    "drf-auth migrate --plan",
    "drf-auth migrate shop 0002",
    "drf-auth migrate shop zero",
    "drf-auth migrate --fake-initial",
  ],
  async run(context) {
    const { flags, print, say } = context;
    const [label, name] = context.arguments;
    if (label !== undefined && name === undefined) {
      throw new UsageError(`expected a migration of ${label} to go to, or "zero" to undo all of them`);
    }
    const to = label === undefined ? undefined : { label, name: name === "zero" ? undefined : name };
    const project = await projectOf(context);
    const { plan, fake } = flags;
    const onProgress = tellProgress(print);
    const done = await project.migrate({ plan, to, fake, fakeInitial: flags["fake-initial"], onProgress });
    if (plan) for (const each of done) print(describePlanned(each));
    if (plan && !project.settings.databaseUrl.startsWith("sqlite")) {
      const forward = done.filter(({ direction }) => direction === "forward").map(({ migration }) => migration);
      for (const hint of hintsOf(await project.readMigrations(), forward)) say(`note: ${hint}`);
    }
    if (done.length === 0) print("The database is up to date.");
    const missing = to ? [] : await project.findMissingMigrations();
    if (missing.length > 0) say('The models have changes without a migration; "drf-auth makemigrations" writes it.');
  },
});
