/** The script of a worker: opens the project again, in a process of its own, and serves it. Run by `serve.ts`. */
import { startWorker } from "../server/index.ts";
import { createBackups } from "./backups.ts";
import { createLogs } from "./logs.ts";
import { openProject } from "./project.ts";
import type { WorkerTask } from "./serve.ts";

const { file, flags }: WorkerTask = JSON.parse(process.argv[2] ?? "{}");

await startWorker(async () => {
  const { settings, start, staticRoot } = await openProject(file, { environment: process.env, flags });
  const { log, accessLog } = createLogs(settings);
  const running = await start({
    ...{ log, onAnswered: accessLog?.noteUser },
    staticDirectories: [{ directory: staticRoot }],
  });
  const stopCleaning = settings.cleanUpSeconds > 0 ? running.cleaner.start(settings.cleanUpSeconds) : undefined;
  const stopBackups = createBackups({ settings, database: running.database, log, now: Date.now })?.start();
  const close = async (): Promise<void> => {
    await stopCleaning?.();
    await stopBackups?.();
    await running.close();
  };
  return { ...settings, ...running, close, log, accessLog, drainSeconds: settings.gracefulTimeoutSeconds };
});
