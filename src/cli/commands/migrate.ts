/** `drf-auth migrate`: brings the database to the migrations, and to one of them where it is named. */
import { databaseSettings, hintsOf, hintText } from "../../db/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { tellMigrations } from "../migration-progress.ts";
import { appFlag, describePlanned, projectOf } from "../project.ts";

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
    wait: {
      type: "string",
      value: "SECONDS",
      description: "How long to wait for other migrators and for those who use a table, all attempts together (600).",
    },
    "lock-timeout": {
      type: "string",
      value: "SECONDS",
      description:
        "PostgreSQL: how long one attempt waits for a table, and holds up all who come after; then it is given back and tried again (2).",
    },
  },
  settings: databaseSettings,
  examples: [
    "drf-auth migrate",
    "drf-auth migrate --plan",
    "drf-auth migrate shop 0002",
    "drf-auth migrate shop zero",
    "drf-auth migrate --fake-initial",
    "drf-auth migrate --wait 60 --lock-timeout 0.5",
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
    const waitMs = millisecondsOf("--wait", flags.wait);
    const lockTimeoutMs = millisecondsOf("--lock-timeout", flags["lock-timeout"]);
    const options = {
      plan,
      to,
      fake,
      fakeInitial: flags["fake-initial"],
      waitMs,
      lockTimeoutMs,
      ...tellMigrations(print),
    };
    const done = await project.migrate(options);
    if (plan) for (const each of done) print(describePlanned(each));
    if (plan && !project.settings.databaseUrl.startsWith("sqlite")) {
      const forward = done.filter(({ direction }) => direction === "forward").map(({ migration }) => migration);
      for (const hint of hintsOf(await project.readMigrations(), forward)) say(`note: ${hintText(hint)}`);
    }
    if (done.length === 0) print("The database is up to date.");
    const missing = to ? [] : await project.findMissingMigrations();
    if (missing.length > 0) say('The models have changes without a migration; "drf-auth makemigrations" writes it.');
  },
});

/** A number of seconds, which may have a fraction. A lock timeout of 0 would be none at all. */
function millisecondsOf(flag: string, seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const milliseconds = /^\d+(\.\d+)?$/.test(seconds) ? Math.ceil(Number(seconds) * 1000) : 0;
  if (milliseconds >= 1 || (flag === "--wait" && Number(seconds) === 0)) return milliseconds;
  throw new UsageError(`${flag} needs a number of seconds, such as 0.5; got: ${seconds}`);
}
