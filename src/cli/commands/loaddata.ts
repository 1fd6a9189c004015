/** `drf-auth loaddata`: a fixture into the database, all of it or nothing. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createAccountTables } from "../../auth/index.ts";
import { connect, databaseSettings, defineModels } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { load, objectsIn, ownModels } from "../../moving/index.ts";
import { defineCommand } from "../command.ts";
import { createProgress } from "../progress.ts";
import { appFlag, projectOf } from "../project.ts";
import { secondsSince } from "./dumpdata.ts";

export const loaddata = defineCommand({
  name: "loaddata",
  summary: "Load a fixture of dumpdata or of Django: all of it or nothing",
  arguments: ["<file>"],
  flags: {
    app: appFlag,
    exclude: {
      type: "string",
      short: "e",
      value: "MODELS",
      description: "Labels or models to leave out, with commas between them: sessions,shop.item.",
    },
    ignorenonexistent: {
      type: "boolean",
      short: "i",
      description: "Leave out models and fields that the app does not have.",
    },
    json: { type: "boolean", description: "Print what was loaded as JSON." },
  },
  settings: databaseSettings,
  examples: [
    "drf-auth loaddata everything.json",
    "drf-auth loaddata from-django.json --ignorenonexistent",
    "drf-auth dumpdata | DATABASE_URL=postgres://app@db/app drf-auth loaddata -",
  ],
  async run(context) {
    const { flags, print } = context;
    const [file = "-"] = context.arguments;
    const project = await projectOf(context);
    await project.checkMigrations();
    const began = Date.now();
    const size = file === "-" ? 0 : await sizeOf(file);
    let read = 0;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of file === "-" ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 })) {
        const taken = typeof piece === "string" ? Buffer.from(piece) : piece;
        read += taken.length;
        yield taken;
      }
    };
    const progress = createProgress(process.stderr, "MB");
    const models = defineModels([...project.app.models.all, ...ownModels]);
    const database = await connect(project.settings.databaseUrl, { statementTimeoutMs: 0, maxConnections: 2 });
    try {
      await createAccountTables(database);
      const { models: counts, skipped } = await database.transaction((transaction) =>
        load(transaction, models, objectsIn(bytes()), {
          exclude: flags.exclude?.split(",").filter(Boolean),
          ignoreUnknown: flags.ignorenonexistent,
          now: `${new Date(began).toISOString().slice(0, -1)}000Z`,
          onProgress: () => progress.update(read / 1e6, size / 1e6),
        }),
      );
      const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
      if (flags.json) print(JSON.stringify({ file, rows, skipped, models: counts, seconds: secondsSince(began) }));
      else
        print(`${rows} rows of ${Object.keys(counts).length} models loaded${skipped ? `, ${skipped} left out` : ""}`);
    } finally {
      progress.end();
      await database.close();
    }
  },
});

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new ConfigurationError(file, "there is no such file, or it cannot be read", { cause });
  }
}
