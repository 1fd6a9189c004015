/** `drf-auth makemigrations`: writes what leads from the migrations that are there to the declared models. */
import { relative } from "node:path";
import {
  describeOperation,
  emptyMigration,
  hintsOf,
  hintText,
  type Migration,
  mergeMigrations,
} from "../../db/index.ts";
import type { Project } from "../../project/index.ts";
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
      value: "OLD=NEW",
      description:
        "A field (MODEL.FIELD=NAME) or model (MODEL=MODEL) has another name now; several with commas between them.",
    },
    name: { type: "string", value: "WORDS", description: "The name of the migration, after its number." },
    empty: {
      type: "string",
      value: "LABEL",
      description: "Write one without operations, for code or SQL of your own.",
    },
    merge: { type: "boolean", description: "Write what joins branches: migrations that were made beside each other." },
    "dry-run": { type: "boolean", description: "Write nothing; say what would be written." },
  },
  examples: [
    "drf-auth makemigrations",
    "drf-auth makemigrations --check",
    "drf-auth makemigrations --rename shop.book.title=name",
    "drf-auth makemigrations --rename shop.book=shop.volume",
    "drf-auth makemigrations --empty shop --name fill_slugs",
    "drf-auth makemigrations --merge",
  ],
  async run(context) {
    const { flags, print, say, style } = context;
    const project = await projectOf(context);
    const missing = await migrationsFor(project, flags);
    if (missing.length === 0) {
      print(flags.merge ? "There are no branches." : "The migrations are up to date.");
      return;
    }
    const existing = await project.readMigrations();
    const paths = flags.check || flags["dry-run"] ? [] : await project.writeMigrations(missing);
    for (const [i, migration] of missing.entries()) {
      const path = paths[i];
      print(style.bold(path === undefined ? nameOf(migration) : relative(process.cwd(), path)));
      for (const operation of migration.operations) print(`  ${describeOperation(operation)}`);
    }
    for (const hint of hintsOf([...existing, ...missing], missing)) say(`${style.bold("note")}: ${hintText(hint)}`);
    return flags.check ? exit.failed : exit.ok;
  },
});

interface Asked {
  readonly empty?: string;
  readonly merge?: boolean;
  readonly name?: string;
  readonly rename?: string;
}

async function migrationsFor(project: Project, { empty, merge, name, rename }: Asked): Promise<readonly Migration[]> {
  if (empty !== undefined) return [emptyMigration(await project.readMigrations(), empty, name)];
  if (merge) return mergeMigrations(await project.readMigrations(), name);
  return project.findMissingMigrations({ renames: renamesOf(rename), name });
}

function renamesOf(flag = ""): ReadonlyMap<string, string> {
  const renames = flag === "" ? [] : flag.split(",").map((rename) => rename.trim().split("="));
  return new Map(
    renames.map(([from = "", to = "", ...more]) => {
      if (from === "" || to === "" || more.length)
        throw new UsageError(
          "--rename needs MODEL.FIELD=NAME, as in shop.book.title=name, or MODEL=MODEL, as in shop.book=shop.volume",
        );
      return [from, to];
    }),
  );
}

const nameOf = ({ label, name }: Migration): string => `${label}.${name} (not written)`;
