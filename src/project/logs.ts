/** The logs of a process that serves: messages on standard error, requests on standard output, or each in a file. */
import type { Logger } from "../config/index.ts";
import { createProxies, createRequestIds } from "../http/index.ts";
import { type AccessLog, createAccessLog, createLineWriter, createLogger, openLogFile } from "../server/index.ts";
import type { ProjectSettings } from "./settings.ts";

export interface Logs {
  readonly log: Logger;
  /** Undefined where it is off. */
  readonly accessLog: AccessLog | undefined;
  /** Opens the files again, after they were moved away. */
  readonly reopen: () => void;
  /** Closes the files; nothing may be written after. */
  readonly close: () => void;
}

/**
 * Makes the logs that the settings ask for.
 * @throws ConfigurationError  a file cannot be written
 */
export function createLogs(settings: ProjectSettings): Logs {
  const { logFormat, logLevel, accessLog, accessLogQuery, trustedProxies } = settings;
  const logFile = settings.logFile === "" ? undefined : openLogFile(settings.logFile, "LOG_FILE");
  const accessFile = settings.accessLogFile === "" ? undefined : openLogFile(settings.accessLogFile, "ACCESS_LOG_FILE");
  const clientOf = createProxies(trustedProxies);
  // A reader that went away loses lines; it does not end the service.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => {});
  const write = (line: string): void => {
    if (logFile) logFile.write(`${line}\n`);
    else process.stderr.write(`${line}\n`);
  };
  return {
    log: createLogger({ format: logFormat, level: logLevel, now: Date.now, write, fields: { pid: process.pid } }),
    accessLog:
      accessLog === "off"
        ? undefined
        : createAccessLog({
            format: settings.accessLogFormat === "" ? accessLog : { letters: settings.accessLogFormat },
            lines: createLineWriter(accessFile ?? process.stdout),
            now: Date.now,
            hasQuery: accessLogQuery,
            addressOf: (request) => clientOf(request).address,
            idOf: createRequestIds(trustedProxies),
          }),
    reopen() {
      logFile?.reopen();
      accessFile?.reopen();
    },
    close() {
      logFile?.close();
      accessFile?.close();
    },
  };
}
