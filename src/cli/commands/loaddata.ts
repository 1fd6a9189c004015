/** `drf-auth loaddata`: a fixture into the database, all of it or nothing. */
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccountTables } from "../../auth/index.ts";
import { connect, databaseSettings, defineModels, unhurried } from "../../db/index.ts";
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
    // It is read twice, which standard input cannot be.
    const spooled = file === "-" ? await spool(process.stdin) : undefined;
    const path = spooled?.path ?? file;
    const size = await sizeOf(path);
    let read = 0;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      read = 0;
      for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
        read += piece.length;
        yield piece;
      }
    };
    const progress = createProgress(process.stderr, "MB");
    const models = defineModels([...project.app.models.all, ...ownModels]);
    const database = await connect(project.settings.databaseUrl, { ...unhurried(project.settings), maxConnections: 2 });
    try {
      await createAccountTables(database);
      const { models: counts, skipped } = await database.transaction((transaction) =>
        load(transaction, models, () => objectsIn(bytes()), {
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
      await spooled?.remove();
    }
  },
});

/** A stream in a file that only this user can read. */
async function spool(stream: AsyncIterable<Uint8Array>): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "drf-auth-load-"));
  const path = join(folder, "fixture");
  await writeFile(path, stream, { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true }) };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new ConfigurationError(file, "there is no such file, or it cannot be read", { cause });
  }
}
