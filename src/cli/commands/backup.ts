/** `drf-auth backup`: a checked copy of the SQLite file, made while servers go on writing. */
import { stat } from "node:fs/promises";
import { backUpSqlite, databaseSettings } from "../../db/index.ts";
import { defineCommand } from "../command.ts";
import { createProgress } from "../progress.ts";
import { appFlag, projectOf } from "../project.ts";
import { sqliteFileOf } from "../sqlite-file.ts";

export const backup = defineCommand({
  name: "backup",
  summary: "Copy the SQLite database to a new file, while it is in use",
  arguments: ["<file>"],
  flags: { app: appFlag, json: { type: "boolean", description: "Print what was copied as JSON." } },
  settings: databaseSettings,
  examples: ["drf-auth backup backups/monday.sqlite3"],
  async run(context) {
    const [file = ""] = context.arguments;
    const { settings } = await projectOf(context);
    const path = sqliteFileOf(settings.databaseUrl, "backup", 'pg_dump --format=custom --file FILE "$DATABASE_URL"');
    const progress = createProgress(process.stderr, "pages");
    await backUpSqlite(path, file, { onProgress: progress.update }).finally(progress.end);
    const { size: bytes } = await stat(file);
    if (context.flags.json) context.print(JSON.stringify({ file, bytes }));
    else context.print(`${file}: ${bytes} bytes, checked`);
  },
});
