// Serving

// Logging
export type { AccessLog, AccessLogOptions } from "./access-log.ts";
export { createAccessLog } from "./access-log.ts";
export type { Arbiter, ArbiterOptions } from "./arbiter.ts";
export { startArbiter } from "./arbiter.ts";
export { BootFailure } from "./errors.ts";
export type { Check } from "./health.ts";
export type { InProcessOptions, InProcessServer } from "./in-process.ts";
export { serveInProcess } from "./in-process.ts";
export type { LineWriter } from "./line-writer.ts";
export { createLineWriter } from "./line-writer.ts";
export type { LogOptions } from "./log.ts";
export { createLogger } from "./log.ts";
export type { LogFile, LogFileListeners } from "./log-file.ts";
export { openLogFile, standardFile } from "./log-file.ts";
export type { Metrics } from "./metrics.ts";
export { createMetrics } from "./metrics.ts";
export { type PrimarySettings, primarySettingsOf } from "./primary-settings.ts";
export { becomeUser } from "./privileges.ts";
// Settings
export { processSettings } from "./process-settings.ts";
export type { ServerSettings } from "./settings.ts";
export { serverSettings } from "./settings.ts";
export { onSignals } from "./signals.ts";
export type { Sockets } from "./sockets.ts";
export { openSockets } from "./sockets.ts";
export type { Status, WorkerStatus } from "./status.ts";
export { createTracing, loadOpenTelemetry, type OpenTelemetry, type Tracing } from "./tracing.ts";
export type { WorkerOptions } from "./worker.ts";
export { startWorker } from "./worker.ts";
