/** `drf-auth restore`: a copy that `backup` made, checked and put in the place of the SQLite database. */
import { databaseSettings, restoreSqlite } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { appFlag, projectOf } from "../project.ts";
import { sqliteFileOf } from "../sqlite-file.ts";

export const restore = defineCommand({
  name: "restore",
  summary: "Put a copy in the place of the SQLite database, once it is checked",
  arguments: ["<file>"],
  flags: {
    app: appFlag,
    replace: { type: "boolean", description: "Replace the database that is there; it is gone then." },
  },
  settings: databaseSettings,
  examples: ["drf-auth restore backups/monday.sqlite3 --replace"],
  async run(context) {
    const [file = ""] = context.arguments;
    const { settings } = await projectOf(context);
    const path = sqliteFileOf(
      settings.databaseUrl,
      "restore",
      'pg_restore --clean --if-exists -d "$DATABASE_URL" FILE',
    );
    await restoreSqlite(file, path, { replace: context.flags.replace });
    context.print(`${path} is what ${file} was`);
  },
});
