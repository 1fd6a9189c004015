/** The database, the number of processes, their limits, the logs. */
import { countCores } from "../../config/index.ts";
import { readAddress, sqlitePath } from "../../db/index.ts";
import { type DeployCheck, loopback, say } from "./check.ts";

export const processesChecks: readonly DeployCheck[] = [
  {
    id: "database.clear",
    find: ({ settings: { databaseUrl } }) => {
      if (sqlitePath(databaseUrl) !== undefined) return undefined;
      const { hosts, parameters } = readAddress(databaseUrl, process.env);
      const { sslmode = "prefer", sslrootcert } = parameters;
      const isVerified = sslmode.startsWith("verify") || (sslmode === "require" && sslrootcert !== undefined);
      const isLocal = hosts.every(({ host }) => host.startsWith("/") || loopback.has(host));
      if (isLocal || isVerified) return undefined;
      const problem =
        sslmode === "require"
          ? "rows and the password are encrypted for whoever answers in the database's name"
          : "rows and the password travel in clear, or to whoever answers in the database's name";
      return say("DATABASE_URL", problem, "?sslmode=verify-full, or a network of its own");
    },
  },
  {
    id: "database.connections",
    find: ({ settings: { databaseUrl, databasePoolSize, databasePoolMode, workers } }) =>
      sqlitePath(databaseUrl) === undefined &&
      databasePoolMode === "session" &&
      workers * databasePoolSize > 90 &&
      say(
        "DATABASE_POOL_SIZE",
        `${workers} workers open up to ${workers * databasePoolSize} connections; PostgreSQL allows 100 by default`,
        "less, or more max_connections",
      ),
  },
  {
    id: "workers.many",
    find: ({ settings: { workers }, cores = countCores() }) =>
      workers > 4 * cores &&
      say("WEB_CONCURRENCY", `${workers} workers share ${cores} cores: more memory, no more speed`, "one a core"),
  },
  {
    id: "timeouts.none",
    find: ({ settings: { workerTimeoutSeconds, gracefulTimeoutSeconds } }) => [
      workerTimeoutSeconds === 0 && say("WORKER_TIMEOUT=0", "a worker that hangs stays", "30s"),
      gracefulTimeoutSeconds === 0 && say("GRACEFUL_TIMEOUT=0", "every reload cuts requests", "30s"),
    ],
  },
  {
    id: "bodies.large",
    find: ({ settings: { maxBodyBytes } }) =>
      maxBodyBytes > 50 * 2 ** 20 &&
      say("MAX_BODY_BYTES", "a few clients can fill the memory, since bodies are held in it", "file fields for files"),
  },
  {
    id: "logs.queries",
    find: ({ settings: { accessLogQuery } }) =>
      accessLogQuery && say("ACCESS_LOG_QUERY", "what clients put into URLs is kept in the log", "leave it off"),
  },
  {
    id: "logs.none",
    find: ({ settings: { accessLog, accessLogFormat, logLevel } }) => [
      accessLog === "off" && accessLogFormat === "" && say("ACCESS_LOG=off", "nobody can tell what happened", "json"),
      logLevel === "error" && say("LOG_LEVEL=error", "the audit log is left out", "info"),
      logLevel === "debug" && say("LOG_LEVEL=debug", "the log grows fast", "info"),
    ],
  },
];
