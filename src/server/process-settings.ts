/**
 * The settings of the processes of a server: how long they live, what they may use, who they are.
 *
 * Reference: gunicorn.config (`timeout`, `max_requests`, `pidfile`, `user`, `group`, `umask`).
 */
import { defineSettings, integer, optional, type Parser, secondsOrDuration, text } from "../config/index.ts";

/** Octal, as people write it: `027`. */
const umask: Parser<number | undefined> = {
  expected: "an octal number from 0 to 777, such as 027",
  read: (given) => (typeof given === "string" && /^0?[0-7]{1,3}$/.test(given) ? Number.parseInt(given, 8) : undefined),
};

const mebibytes = 2 ** 20;
/** `512MB` or `2GB`, in bytes; 0 for none. */
const memory: Parser<number> = {
  expected: "a size such as 512MB or 2GB, or 0",
  read: (given) => {
    const [, amount, unit] = /^(\d+)\s*(MB|GB)?$/i.exec(String(given).trim()) ?? [];
    if (amount === undefined || (unit === undefined && amount !== "0")) return undefined;
    return Number(amount) * mebibytes * (unit?.toUpperCase() === "GB" ? 1024 : 1);
  },
};

export const processSettings = defineSettings({
  unixSocket: {
    name: "UNIX_SOCKET",
    default: "",
    parse: text(),
    flag: "unix-socket",
    description: "Path of a Unix socket to listen on, in place of HOST and PORT.",
  },
  workerTimeoutSeconds: {
    name: "WORKER_TIMEOUT",
    default: 30,
    parse: secondsOrDuration({ min: 0, max: 86_400 }),
    unit: "seconds",
    flag: "worker-timeout",
    description:
      "Time that a worker's event loop may stand still before the worker is killed and replaced; 0 for no limit.",
  },
  responseTimeoutSeconds: {
    name: "RESPONSE_TIMEOUT",
    default: 60,
    parse: secondsOrDuration({ min: 0, max: 86_400 }),
    unit: "seconds",
    flag: "response-timeout",
    description: "Time in which an answer must begin; then this request alone is answered 503. 0 for no limit.",
  },
  maxRequests: {
    name: "MAX_REQUESTS",
    default: 0,
    parse: integer({ min: 0 }),
    flag: "max-requests",
    description: "Requests after which a worker is replaced; 0 for no limit.",
  },
  maxRequestsJitter: {
    name: "MAX_REQUESTS_JITTER",
    default: 0,
    parse: integer({ min: 0 }),
    flag: "max-requests-jitter",
    description: "Up to so many requests more, by chance, so that workers of one age are not replaced together.",
  },
  maxMemoryBytes: {
    name: "MAX_MEMORY",
    default: 0,
    defaultText: "0",
    parse: memory,
    flag: "max-memory",
    description: "Memory of a worker above which it is replaced; 0 for no limit.",
  },
  stopDelaySeconds: {
    name: "STOP_DELAY",
    default: 0,
    parse: secondsOrDuration({ min: 0, max: 3600 }),
    unit: "seconds",
    flag: "stop-delay",
    description: "Time between the signal to stop and the stop, in which /readyz says so and requests are still taken.",
  },
  pidFile: {
    name: "PID_FILE",
    default: "",
    parse: text(),
    flag: "pid-file",
    description: "File that tells the process id of the server; empty for none.",
  },
  controlSocket: {
    name: "CONTROL_SOCKET",
    default: "",
    defaultText: ".control.sock beside the app file",
    parse: text(),
    flag: "control-socket",
    description: 'Unix socket of "drf-auth ctl", for the server\'s own user; "off" for none.',
  },
  runAsUser: {
    name: "RUN_AS_USER",
    default: "",
    parse: text(),
    flag: "user",
    description: "User that the server becomes once it listens, by name or number; for a start as root.",
  },
  runAsGroup: {
    name: "RUN_AS_GROUP",
    default: "",
    defaultText: "that of RUN_AS_USER",
    parse: text(),
    flag: "group",
    description: "Group that the server becomes, by name or number.",
  },
  umask: {
    name: "UMASK",
    default: undefined,
    defaultText: "that of the process",
    parse: optional(umask),
    flag: "umask",
    description: "Rights that files of the server do not have, among them its Unix socket.",
  },
});
