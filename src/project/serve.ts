/**
 * A project in production: an arbiter, and workers that each start the app.
 *
 * Whatever can be wrong for all workers alike (migrations, the secret key) is found before the first one is made.
 */
import { dirname, join } from "node:path";
import { createTokenKeys } from "../auth/index.ts";
import type { Logger } from "../config/index.ts";
import { connectionLimit } from "../db/index.ts";
import { becomeUser, onSignals, openSockets, primarySettingsOf, startArbiter } from "../server/index.ts";
import { prepareBackups } from "./backups.ts";
import { createLogs } from "./logs.ts";
import type { Project } from "./project.ts";
import { refuseWeakSecrets } from "./secret-strength.ts";
import { siblingOf } from "./sibling.ts";

export interface ServeOptions {
  /** Done before anything is checked, by the user that serves, such as migrating. */
  readonly prepare?: () => Promise<unknown>;
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
 * @throws ConfigurationError  the address is taken, migrations are not applied, a table of somebody else is not as
 *   declared, keys are missing, weak or do not fit, or there can be no backups
 * @throws BootFailure  no worker could start; has the worker's reason
 */
export async function serve(project: Project, { prepare, onReady }: ServeOptions = {}): Promise<number> {
  const { file, flags, settings } = project;
  const { host, port, unixSocket, controlSocket, pidFile } = settings;
  // Until the arbiter hears them they would end or stop the process, and USR1 would open the port of a debugger.
  const ignore = (): void => {};
  const release = onSignals({ SIGHUP: ignore, SIGUSR1: ignore, SIGUSR2: ignore, SIGTTIN: ignore, SIGTTOU: ignore });
  if (settings.umask !== undefined) process.umask(settings.umask);
  const sockets = await openSockets({ host, port, unixSocket, environment: process.env });
  try {
    refuseWeakSecrets(settings);
    becomeUser(settings, unixSocket === "" || sockets.areInherited ? [] : [unixSocket]);
    await prepareBackups(settings);
    await prepare?.();
    createTokenKeys({ ...settings, secretKey: await project.secretKey() }, Date.now);
    await project.checkMigrations();
    await project.checkForeignTables();
    await project.collectStatic();
    const task: WorkerTask = { file, flags };
    let logs = createLogs(settings);
    const log: Logger = {
      debug: (...said) => logs.log.debug(...said),
      info: (...said) => logs.log.info(...said),
      warning: (...said) => logs.log.warning(...said),
      error: (...said) => logs.log.error(...said),
    };
    await checkConnections(project, log);
    const arbiter = startArbiter({
      ...settings,
      ...{ exec: siblingOf(import.meta.url, "worker"), args: [JSON.stringify(task)], sockets },
      ...{ url: unixSocket === "" || sockets.areInherited ? undefined : `unix:${unixSocket}` },
      ...{ pidFile: pidFile === "" ? undefined : pidFile, control: controlOf(file, controlSocket) },
      ...{ log, onReady, onReopen: () => logs.reopen(), primarySettings: primarySettingsOf(settings) },
      onSettings(found) {
        const before = logs;
        logs = createLogs({ ...settings, ...found });
        before.close();
      },
    });
    release();
    return await arbiter.finished;
  } catch (error) {
    release();
    sockets.close(sockets.areInherited);
    throw error;
  }
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

/** Where a server is controlled, and whether somebody asked for it. */
export const controlOf = (file: string, asked: string): { path: string; isRequired: boolean } | undefined =>
  asked === "off"
    ? undefined
    : { path: asked === "" ? join(dirname(file), ".control.sock") : asked, isRequired: asked !== "" };
