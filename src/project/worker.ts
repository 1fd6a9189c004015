/** The script of a worker: opens the project again, in a process of its own, and serves it. Run by `serve.ts`. */
import { createProxies, createTrust } from "../http/index.ts";
import { createMetrics, createTracing, loadOpenTelemetry, primarySettingsOf, startWorker } from "../server/index.ts";
import { createBackups } from "./backups.ts";
import { createLogs } from "./logs.ts";
import { openProject } from "./project.ts";
import { readinessChecks } from "./readiness.ts";
import type { WorkerTask } from "./serve.ts";

const { file, flags }: WorkerTask = JSON.parse(process.argv[2] ?? "{}");

await startWorker(async () => {
  const { app, settings, start, staticRoot, checkMigrations } = await openProject(file, {
    ...{ environment: process.env, flags },
  });
  const { log, accessLog, reopen } = createLogs(settings);
  const isScraped = settings.metricsAllow.length > 0;
  const metrics = isScraped ? createMetrics() : undefined;
  const tracing = settings.tracing ? createTracing(loadOpenTelemetry(file)) : undefined;
  const running = await start({
    ...{ log, tracer: tracing, onAnswered: accessLog?.noteUser, staticDirectories: [{ directory: staticRoot }] },
    onRouted: tracing
      ? (response, route) => {
          metrics?.noteRoute(response, route);
          tracing.noteRoute(response, route);
        }
      : metrics?.noteRoute,
  });
  const listener = tracing?.watch(running.listener) ?? running.listener;
  const { database } = running;
  const stopCleaning = settings.cleanUpSeconds > 0 ? running.cleaner.start(settings.cleanUpSeconds) : undefined;
  const backups = createBackups({ settings, database, log, now: Date.now });
  const stopBackups = backups?.start();
  const measure = () => [...running.measure(), ...(backups?.measure() ?? [])];
  const close = async (): Promise<void> => {
    await stopCleaning?.();
    await stopBackups?.();
    await running.close();
  };
  const clientOf = createProxies(settings.trustedProxies);
  const scrapers = createTrust(settings.metricsAllow);
  const drainSeconds = settings.gracefulTimeoutSeconds;
  return {
    // A trace has a span for each request.
    ...{
      ...settings,
      ...running,
      held: tracing ? undefined : running.held,
      listener,
      close,
      log,
      accessLog,
      drainSeconds,
      onReopen: reopen,
      metrics,
      measure,
    },
    primarySettings: primarySettingsOf(settings),
    checks: readinessChecks({ app, settings, database, checkMigrations }),
    mayProxy: createTrust(settings.proxyAllowFrom).peer,
    mayScrape: (request) => scrapers.peer(clientOf(request).address),
  };
});
