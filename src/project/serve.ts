/**
 * A project in production: an arbiter, and workers that each start the app.
 *
 * Whatever can be wrong for all workers alike (migrations, the secret key) is found before the first one is made.
 */
import { createTokenKeys } from "../auth/index.ts";
import { startArbiter } from "../server/index.ts";
import { prepareBackups } from "./backups.ts";
import { createLogs } from "./logs.ts";
import type { Project } from "./project.ts";
import { siblingOf } from "./sibling.ts";

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
 * @throws ConfigurationError  migrations are not applied, keys are missing or do not fit, or there can be no backups
 * @throws BootFailure  no worker could start; has the worker's reason
 */
export async function serve(project: Project, { onReady }: ServeOptions = {}): Promise<number> {
  await prepareBackups(project.settings);
  createTokenKeys({ ...project.settings, secretKey: await project.secretKey() }, Date.now);
  await project.checkMigrations();
  await project.collectStatic();
  const { file, flags, settings } = project;
  const task: WorkerTask = { file, flags };
  const arbiter = startArbiter({
    exec: siblingOf(import.meta.url, "worker"),
    args: [JSON.stringify(task)],
    workers: settings.workers,
    gracefulTimeoutSeconds: settings.gracefulTimeoutSeconds,
    log: createLogs(settings).log,
    onReady,
  });
  return arbiter.finished;
}
