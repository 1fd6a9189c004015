/** `drf-auth squashmigrations`: writes one migration that stands for several. */
import { relative } from "node:path";
import { squashMigrations } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const squashmigrations = defineCommand({
  name: "squashmigrations",
  summary: "Write one migration that stands for several",
  arguments: ["<label>", "<last>", "[first]"],
  flags: { app: appFlag },
  examples: ["drf-auth squashmigrations shop 0009", "drf-auth squashmigrations shop 0009 0004"],
  async run(context) {
    const { print } = context;
    const [label = "", to = "", from] = context.arguments;
    const project = await projectOf(context);
    const squashed = squashMigrations(await project.readMigrations(), { label, to, from });
    const [path = ""] = await project.writeMigrations([squashed]);
    print(relative(process.cwd(), path));
    for (const name of squashed.replaces) print(`  stands for ${label}.${name}`);
    const code = squashed.operations.flatMap((each) => (each.kind === "runCode" && each.from ? [each.from.name] : []));
    for (const name of new Set(code))
      print(
        `  takes code from ${label}.${name}: move it into the new file before that one goes, or say elidable: true there`,
      );
    print("Keep the files that it stands for until every database has all of them, or none.");
    return undefined;
  },
});
