/**
 * The process that `drf-auth dev` starts again on every change: migrations made and applied, then the app served.
 *
 * Migrations that would lose data are not made here, since saving a file half-way must not cost a column.
 */
import { relative } from "node:path";
import { describeOperation, type Migration } from "../db/index.ts";
import { ConfigurationError, DrfAuthError } from "../errors.ts";
import { createTrust } from "../http/index.ts";
import { createLogs, openProject, type Project } from "../project/index.ts";
import { onSignals, serveInProcess } from "../server/index.ts";
import { tellLoadedFiles, tellServing } from "./loaded-files.ts";
import { tellMigrations } from "./migration-progress.ts";
import { createQueryWarnings } from "./query-warnings.ts";

const print = (line: string): void => console.log(line);

async function serve(file: string, flags: Readonly<Record<string, string>>): Promise<void> {
  const project = await openProject(file, { environment: process.env, flags });
  await makeMigrations(project);
  await project.migrate(tellMigrations(print));
  await project.checkForeignTables();
  const { log, accessLog } = createLogs(project.settings);
  const { database, watch } = createQueryWarnings(await project.connect(), project.settings.slowQuerySeconds, log);
  const running = await project.start({ log, database, onAnswered: accessLog?.noteUser }).catch(async (error) => {
    await database.close();
    throw error;
  });
  const listener = watch(running.listener);
  const mayProxy = createTrust(project.settings.proxyAllowFrom).peer;
  const server = await serveInProcess({
    ...{ ...project.settings, ...running, listener, accessLog, log, mayProxy },
    drainSeconds: 1,
  });
  const stop = (): void => void server.close();
  onSignals({ SIGTERM: stop, SIGINT: stop });
  process.once("disconnect", stop);
  process.channel?.unref(); // to wait for that is no reason to go on
  print(`${project.app.title}: ${server.url}${project.app.prefix}`);
  tellServing();
}

async function makeMigrations(project: Project): Promise<void> {
  const missing = await project.findMissingMigrations();
  const losses = missing.flatMap(lossesOf);
  if (losses.length > 0) {
    throw new ConfigurationError(
      "migrations",
      `these would lose data, so they are not made by themselves: ${losses.join("; ")}; ` +
        'undo the change, or run "drf-auth makemigrations"',
    );
  }
  const paths = await project.writeMigrations(missing);
  for (const [i, { operations }] of missing.entries()) {
    print(`wrote ${relative(process.cwd(), paths[i] ?? "")}: ${operations.map(describeOperation).join("; ")}`);
  }
}

const lossesOf = ({ operations }: Migration): readonly string[] =>
  operations.filter(({ kind }) => kind === "deleteModel" || kind === "removeField").map(describeOperation);

const [file = "app.ts", flags = "{}"] = process.argv.slice(2);
tellLoadedFiles();
try {
  await serve(file, JSON.parse(flags));
} catch (error) {
  console.error(error instanceof DrfAuthError ? `drf-auth: ${error.message}` : error);
  process.exitCode = 1;
}
