/** `drf-auth inspectdb`: an existing database, foremost Django's, as an app file to go on with. */
import { existsSync } from "node:fs";
import { readSettings } from "../../config/index.ts";
import { connectOptionsOf, databaseSettings, readConsistently, sqlitePath } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { appSource, inspect } from "../../moving/index.ts";
import { defineCommand, UsageError } from "../command.ts";
import { writingTo } from "../output-file.ts";

export const inspectdb = defineCommand({
  name: "inspectdb",
  summary: "Write models and resources for the tables of an existing database",
  arguments: ["[table...]"],
  flags: {
    output: { type: "string", short: "o", value: "FILE", description: "Write a new file (default: standard output)." },
    json: { type: "boolean", description: "Print what was found as JSON." },
  },
  settings: databaseSettings,
  examples: [
    "drf-auth inspectdb --database-url sqlite:////srv/django/db.sqlite3 --output app.ts",
    "drf-auth inspectdb shop_book shop_author",
  ],
  async run({ arguments: tables, flags, settingFlags, environment, print, say }) {
    const settings = readSettings(databaseSettings, { environment, flags: settingFlags });
    const { databaseUrl } = settings;
    const path = sqlitePath(databaseUrl);
    if (path !== undefined && !existsSync(path))
      throw new ConfigurationError("DATABASE_URL", `there is no file ${path}`);
    if (flags.output !== undefined && existsSync(flags.output))
      throw new UsageError(`--output: ${flags.output} is there already, and may have been changed by hand`);
    const found = await readConsistently(
      databaseUrl,
      (snapshot) => inspect(snapshot, tables),
      connectOptionsOf(settings),
    );
    const text = flags.json ? `${JSON.stringify(found, null, 2)}\n` : appSource(found);
    if (flags.output === undefined) return void print(text.trimEnd());
    await writingTo(flags.output, (write) => write(text));
    say(`${found.models.length} models written to ${flags.output}`);
  },
});
