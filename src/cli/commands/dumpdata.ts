/** `drf-auth dumpdata`: rows of the app as a fixture, in the format of Django's command of that name. */
import { connectOptionsOf, databaseSettings, defineModels, type Executor, readConsistently } from "../../db/index.ts";
import { chooseModels, dump, type FixtureFormat, ownModelsIn } from "../../moving/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { writingTo } from "../output-file.ts";
import { createProgress } from "../progress.ts";
import { appFlag, projectOf } from "../project.ts";

export const dumpdata = defineCommand({
  name: "dumpdata",
  summary: "Write rows as a fixture, which loaddata here and in Django reads",
  arguments: ["[model...]"],
  flags: {
    app: appFlag,
    output: { type: "string", short: "o", value: "FILE", description: "Write to a file (default: standard output)." },
    exclude: {
      type: "string",
      short: "e",
      value: "MODELS",
      description: "Labels or models to leave out, with commas between them: sessions,shop.item.",
    },
    format: {
      type: "string",
      value: "FORMAT",
      description: "json, or jsonl with an object a line (default: by the name of the file, else json).",
    },
    json: { type: "boolean", description: "Print what was written as JSON; needs --output." },
  },
  settings: databaseSettings,
  examples: [
    "drf-auth dumpdata --output everything.json",
    "drf-auth dumpdata shop auth.user --exclude shop.item",
    "drf-auth dumpdata --exclude sessions,token_blacklist,drf_auth --output for-django.jsonl",
  ],
  async run(context) {
    const { flags, print, say } = context;
    const { output } = flags;
    if (flags.json && output === undefined)
      throw new UsageError("--json needs --output: the fixture is printed itself");
    const format = formatOf(flags.format, output);
    const project = await projectOf(context);
    await project.checkMigrations();
    const began = Date.now();
    const progress = createProgress(process.stderr, "rows");
    const read = async (snapshot: Executor) => {
      const models = defineModels([...project.app.models.all, ...(await ownModelsIn(snapshot))]);
      const chosen = chooseModels(models, context.arguments, flags.exclude?.split(",").filter(Boolean));
      return writingTo(output, (write) =>
        dump(snapshot, models, chosen, {
          format,
          write,
          onProgress: process.stderr.isTTY ? progress.update : undefined,
        }),
      );
    };
    const { databaseUrl } = project.settings;
    const counts = await readConsistently(databaseUrl, read, connectOptionsOf(project.settings)).finally(progress.end);
    const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (flags.json) print(JSON.stringify({ output, format, rows, models: counts, seconds: secondsSince(began) }));
    else say(`${rows} rows of ${Object.keys(counts).length} models written`);
  },
});

export const secondsSince = (began: number): number => Math.round((Date.now() - began) / 10) / 100;

function formatOf(asked: string | undefined, output: string | undefined): FixtureFormat {
  const name = asked ?? (output?.endsWith(".jsonl") ? "jsonl" : "json");
  if (name === "json" || name === "jsonl") return name;
  throw new UsageError(`--format: expected json or jsonl, got "${name}"`);
}
