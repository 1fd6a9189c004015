/**
 * The logs of a process that serves: messages on standard error, requests on standard output, or each in a file.
 *
 * Where LOG_FILE takes nothing, its lines go to standard error.
 */
import type { Logger } from "../config/index.ts";
import { createProxies, createRequestIds } from "../http/index.ts";
import {
  type AccessLog,
  createAccessLog,
  createLineWriter,
  createLogger,
  type LogFileListeners,
  openLogFile,
  standardFile,
} from "../server/index.ts";
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

const goOn = (): void => undefined;

/**
 * Makes the logs that the settings ask for.
 * @throws ConfigurationError  a file cannot be written
 */
export function createLogs(settings: ProjectSettings): Logs {
  const { logFormat, logLevel, accessLog, accessLogQuery, trustedProxies } = settings;
  // A reader that went away loses lines; it does not end the service.
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners("error").includes(goOn)) stream.on("error", goOn);
  const listenersOf = (name: string): LogFileListeners => ({
    onFault: (error) =>
      log.error("a log cannot be written; until it can, its lines are counted", { log: name, reason: codeOf(error) }),
    onMended: (lost_lines) => log.warning("a log is written again", { log: name, lost_lines }),
  });
  const errors = standardFile(2, listenersOf("standard error")) ?? process.stderr;
  const logFile =
    settings.logFile === "" ? undefined : openLogFile(settings.logFile, "LOG_FILE", listenersOf("LOG_FILE"));
  const accessFile =
    settings.accessLogFile === ""
      ? undefined
      : openLogFile(settings.accessLogFile, "ACCESS_LOG_FILE", listenersOf("ACCESS_LOG_FILE"));
  const output = accessFile ?? standardFile(1, listenersOf("standard output")) ?? process.stdout;
  const clientOf = createProxies(trustedProxies);
  const write = (line: string): void => {
    if (!logFile?.write(`${line}\n`)) errors.write(`${line}\n`);
  };
  const log = createLogger({ format: logFormat, level: logLevel, now: Date.now, write, fields: { pid: process.pid } });
  return {
    log,
    accessLog:
      accessLog === "off"
        ? undefined
        : createAccessLog({
            format: settings.accessLogFormat === "" ? accessLog : { letters: settings.accessLogFormat },
            lines: createLineWriter(output),
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

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);
