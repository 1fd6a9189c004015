/**
 * The settings of processes, sockets and logs.
 *
 * Names are those that Gunicorn's users and hosting platforms know: PORT, WEB_CONCURRENCY, GRACEFUL_TIMEOUT.
 * Differs: one worker a core; Gunicorn's advice of two a core and one more is for workers that wait while they hold a request.
 */
import {
  boolean,
  defineSettings,
  integer,
  list,
  logLevels,
  oneOf,
  secondsOrDuration,
  text,
  type ValuesOf,
} from "../config/index.ts";
import { processSettings } from "./process-settings.ts";
import { proxyAddress } from "./proxy-address.ts";
import { transportSettings } from "./transport-settings.ts";

export const serverSettings = defineSettings({
  host: {
    name: "HOST",
    default: "127.0.0.1",
    parse: text({ minLength: 1 }),
    flag: "host",
    description: "Address to listen on; 0.0.0.0 or :: for every one.",
  },
  port: {
    name: "PORT",
    default: 8000,
    parse: integer({ min: 0, max: 65535 }),
    flag: "port",
    description: "TCP port to listen on; 0 for any free one.",
  },
  workers: {
    name: "WEB_CONCURRENCY",
    default: (machine) => machine.cores,
    defaultText: "the number of cores",
    parse: integer({ min: 1, max: 1024 }),
    flag: "workers",
    description: "Number of worker processes.",
  },
  ...processSettings,
  ...transportSettings,
  gracefulTimeoutSeconds: {
    name: "GRACEFUL_TIMEOUT",
    default: 30,
    parse: secondsOrDuration({ min: 0 }),
    unit: "seconds",
    flag: "graceful-timeout",
    description: "Time that requests in flight have to finish when a worker stops.",
  },
  keepAliveSeconds: {
    name: "KEEP_ALIVE",
    default: 5,
    parse: secondsOrDuration({ min: 0, max: 3600 }),
    unit: "seconds",
    flag: "keep-alive",
    description:
      "Time an idle connection stays open; longer than that of a proxy in front. 0 closes after each response.",
  },
  requestTimeoutSeconds: {
    name: "REQUEST_TIMEOUT",
    default: 60,
    parse: secondsOrDuration({ min: 1, max: 86_400 }),
    unit: "seconds",
    flag: "request-timeout",
    description: "Time a client has to send its whole request, and may read nothing of its answer.",
  },
  trustedProxies: {
    name: "TRUSTED_PROXIES",
    default: ["127.0.0.1", "::1"],
    parse: list(proxyAddress),
    flag: "trusted-proxies",
    description: "Proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Request-ID are believed; empty for none.",
  },
  metricsAllow: {
    name: "METRICS_ALLOW",
    default: ["127.0.0.1", "::1"],
    parse: list(proxyAddress),
    flag: "metrics-allow",
    description: "Clients that may read /metrics; empty for none.",
  },
  accessLog: {
    name: "ACCESS_LOG",
    default: (machine) => (machine.isTerminal ? "readable" : "json"),
    defaultText: "readable in a terminal, else json",
    parse: oneOf("json", "readable", "combined", "off"),
    flag: "access-log",
    description: "One line a request, and its form.",
  },
  accessLogFormat: {
    name: "ACCESS_LOG_FORMAT",
    default: "",
    parse: text(),
    flag: "access-log-format",
    description:
      "A form of one's own in Gunicorn's letters, in place of that of ACCESS_LOG: %(h)s \"%(r)s\" %(s)s %(D)s.",
  },
  accessLogFile: {
    name: "ACCESS_LOG_FILE",
    default: "",
    defaultText: "standard output",
    parse: text(),
    flag: "access-log-file",
    description: "File of the access log; SIGUSR1 opens it again after it was moved away.",
  },
  accessLogQuery: {
    name: "ACCESS_LOG_QUERY",
    default: false,
    parse: boolean(),
    description: "Write query strings into the access log; they can hold secrets.",
  },
  tracing: {
    name: "TRACING",
    default: false,
    parse: boolean(),
    description:
      "Show requests, statements and hashing to OpenTelemetry; the app brings @opentelemetry/api and an SDK.",
  },
  slowQuerySeconds: {
    name: "SLOW_QUERY",
    default: 0.1,
    parse: secondsOrDuration({ min: 0, max: 3600 }),
    unit: "seconds",
    description: "Time of a statement above which dev warns of it; 0 for never.",
  },
  logLevel: {
    name: "LOG_LEVEL",
    default: "info",
    parse: oneOf(...logLevels),
    flag: "log-level",
    description: "The least important messages that are logged.",
  },
  logFile: {
    name: "LOG_FILE",
    default: "",
    defaultText: "standard error",
    parse: text(),
    flag: "log-file",
    description: "File of the messages; SIGUSR1 opens it again after it was moved away.",
  },
  logFormat: {
    name: "LOG_FORMAT",
    default: (machine) => (machine.isTerminal ? "readable" : "json"),
    defaultText: "readable in a terminal, else json",
    parse: oneOf("json", "readable"),
    flag: "log-format",
    description: "Form of the messages.",
  },
});

export type ServerSettings = ValuesOf<typeof serverSettings>;
