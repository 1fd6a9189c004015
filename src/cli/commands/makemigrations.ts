/** `drf-auth makemigrations`: writes what leads from the migrations that are there to the declared models. */
import { relative } from "node:path";
import { describeOperation, type Migration } from "../../db/index.ts";
import { defineCommand, exit, UsageError } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const makemigrations = defineCommand({
  name: "makemigrations",
  summary: "Write migrations for what changed in the models",
  flags: {
    app: appFlag,
    check: { type: "boolean", description: "Write nothing; fail where a migration is missing." },
    rename: {
      type: "string",
      value: "MODEL.FIELD=NAME",
      description: "A field has another name now; several with commas between them.",
    },
    "dry-run": { type: "boolean", description: "Write nothing; say what would be written." },
  },
  examples: [
    "drf-auth makemigrations",
    "drf-auth makemigrations --check",
    "drf-auth makemigrations --rename shop.book.title=name",
  ],
  async run(context) {
    const { flags, print, style } = context;
    const project = await projectOf(context);
    const missing = await project.findMissingMigrations(renamesOf(flags.rename));
    if (missing.length === 0) {
      print("The migrations are up to date.");
      return;
    }
    const paths = flags.check || flags["dry-run"] ? [] : await project.writeMigrations(missing);
    for (const [i, migration] of missing.entries()) {
      const path = paths[i];
      print(style.bold(path === undefined ? nameOf(migration) : relative(process.cwd(), path)));
      for (const operation of migration.operations) print(`  ${describeOperation(operation)}`);
    }
    return flags.check ? exit.failed : exit.ok;
  },
});

function renamesOf(flag = ""): ReadonlyMap<string, string> {
  const renames = flag === "" ? [] : flag.split(",").map((rename) => rename.trim().split("="));
  return new Map(
    renames.map(([from = "", to = "", ...more]) => {
      if (from === "" || to === "" || more.length)
        throw new UsageError("--rename needs MODEL.FIELD=NAME, as in shop.book.title=name");
      return [from, to];
    }),
  );
}

const nameOf = ({ label, name }: Migration): string => `${label}.${name} (not written)`;
