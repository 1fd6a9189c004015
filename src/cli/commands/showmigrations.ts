/** `drf-auth showmigrations`: which migrations there are, and which of them the database has. */
import { appliedIn, databaseSettings, standing } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const showmigrations = defineCommand({
  name: "showmigrations",
  summary: "List migrations, and which of them are applied",
  arguments: ["[label]"],
  flags: {
    app: appFlag,
    json: { type: "boolean", description: "As JSON: label, name, applied, replaces." },
  },
  settings: databaseSettings,
  examples: ["drf-auth showmigrations", "drf-auth showmigrations shop --json"],
  async run(context) {
    const { flags, print, style } = context;
    const [asked] = context.arguments;
    const project = await projectOf(context);
    const recorded = await project.readRecorded();
    const all = standing(await project.readMigrations(), (label, name) => recorded.has(`${label}.${name}`));
    const shown = all
      .filter(({ label }) => asked === undefined || label === asked)
      .toSorted((a, b) => (`${a.label}.${a.name}` < `${b.label}.${b.name}` ? -1 : 1));
    const applied = appliedIn(shown, recorded);
    if (flags.json) {
      const rows = shown.map((each) => ({
        label: each.label,
        name: each.name,
        applied: applied.has(each),
        replaces: each.replaces,
      }));
      print(JSON.stringify(rows, undefined, 2));
      return undefined;
    }
    for (const [i, each] of shown.entries()) {
      if (each.label !== shown[i - 1]?.label) print(style.bold(each.label));
      print(
        `  [${applied.has(each) ? "X" : " "}] ${each.name}${each.replaces.length > 1 ? ` (${each.replaces.length} in one)` : ""}`,
      );
    }
    return undefined;
  },
});
