/** `drf-auth sqlmigrate`: prints the SQL of a migration, for either database and without a connection. */
import { databaseSettings, migrationSql } from "../../db/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";

export const sqlmigrate = defineCommand({
  name: "sqlmigrate",
  summary: "Print the SQL of a migration",
  arguments: ["<label>", "<migration>"],
  flags: {
    app: appFlag,
    database: {
      type: "string",
      value: "sqlite|postgres",
      description: "For which database (default: that of DATABASE_URL).",
    },
    backward: { type: "boolean", description: "What undoes it." },
  },
  settings: databaseSettings,
  examples: ["drf-auth sqlmigrate shop 0002", "drf-auth sqlmigrate shop 0002 --database postgres --backward"],
  async run(context) {
    const { flags, print } = context;
    const [label = "", name = ""] = context.arguments;
    const project = await projectOf(context);
    const own = project.settings.databaseUrl.startsWith("sqlite") ? "sqlite" : "postgres";
    const dialect = flags.database ?? own;
    if (dialect !== "sqlite" && dialect !== "postgres") throw new UsageError("--database is sqlite or postgres");
    const direction = flags.backward ? "backward" : "forward";
    for (const line of migrationSql(await project.readMigrations(), [label, name], dialect, direction)) print(line);
    return undefined;
  },
});
