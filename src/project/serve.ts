/**
 * A project in production: an arbiter, and workers that each start the app.
 *
 * Whatever can be wrong for all workers alike (migrations, the secret key) is found before the first one is made.
 */
import { fileURLToPath } from "node:url";
import { createTokenKeys } from "../auth/index.ts";
import type { Logger } from "../config/index.ts";
import { connectionLimit } from "../db/index.ts";
import { startArbiter } from "../server/index.ts";
import { createLogs } from "./logs.ts";
import type { Project } from "./project.ts";

export interface ServeOptions {
  /** Called once, when every worker serves, with the address. */
  readonly onReady?: (url: string) => void;
}

/** What a worker is told of the project it serves. */
export interface WorkerTask {
  readonly file: string;
  readonly flags: Readonly<Record<string, string>>;
}

/**
 * Serves until it is told to stop.
 *
 * @returns the exit code
 * @throws ConfigurationError  migrations are not applied, or keys are missing or do not fit
 * @throws BootFailure  no worker could start; has the worker's reason
 */
export async function serve(project: Project, { onReady }: ServeOptions = {}): Promise<number> {
  createTokenKeys({ ...project.settings, secretKey: await project.secretKey() }, Date.now);
  await project.checkMigrations();
  await project.collectStatic();
  const { file, flags, settings } = project;
  const { log } = createLogs(settings);
  await checkConnections(project, log);
  const task: WorkerTask = { file, flags };
  const arbiter = startArbiter({
    exec: siblingOf(import.meta.url, "worker"),
    args: [JSON.stringify(task)],
    workers: settings.workers,
    gracefulTimeoutSeconds: settings.gracefulTimeoutSeconds,
    log,
    onReady,
  });
  return arbiter.finished;
}

/** Warns where the workers may want more connections than the server has for them. A pooler shares its own among them. */
async function checkConnections({ connect, settings }: Project, log: Logger): Promise<void> {
  if (settings.databasePoolMode === "transaction") return;
  const database = await connect();
  const limit = await connectionLimit(database).finally(() => database.close());
  const { workers, databasePoolSize } = settings;
  if (limit === undefined || workers * databasePoolSize <= limit) return;
  const most = `${workers} workers with ${databasePoolSize} connections each`;
  log.warning(`${most} may ask PostgreSQL for more than the ${limit} it takes; expected a smaller DATABASE_POOL_SIZE`);
}

/** The path of a script beside a module: TypeScript among the sources, JavaScript where it was compiled. */
export const siblingOf = (moduleUrl: string, name: string): string =>
  fileURLToPath(new URL(`${name}${moduleUrl.endsWith(".ts") ? ".ts" : ".js"}`, moduleUrl));
