/** The logs of a process that serves: messages on standard error, requests on standard output. */
import type { Logger } from "../config/index.ts";
import { createProxies, createRequestIds } from "../http/index.ts";
import { type AccessLog, createAccessLog, createLineWriter, createLogger } from "../server/index.ts";
import type { ProjectSettings } from "./settings.ts";

export interface Logs {
  readonly log: Logger;
  /** Undefined where it is off. */
  readonly accessLog: AccessLog | undefined;
}

/** Makes the logs that the settings ask for. */
export function createLogs({ logFormat, logLevel, accessLog, accessLogQuery, trustedProxies }: ProjectSettings): Logs {
  const clientOf = createProxies(trustedProxies);
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    log: createLogger({ format: logFormat, level: logLevel, now: Date.now, write, fields: { pid: process.pid } }),
    accessLog:
      accessLog === "off"
        ? undefined
        : createAccessLog({
            format: accessLog,
            lines: createLineWriter(process.stdout),
            now: Date.now,
            hasQuery: accessLogQuery,
            addressOf: (request) => clientOf(request).address,
            idOf: createRequestIds(trustedProxies),
          }),
  };
}
