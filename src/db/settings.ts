/** Which database, and how long it may take. */
import { defineSettings, integer, oneOf, optional, secondsOrDuration, text, type ValuesOf } from "../config/index.ts";
import type { ConnectOptions } from "./connect.ts";

export const databaseSettings = defineSettings({
  databaseUrl: {
    name: "DATABASE_URL",
    default: "sqlite:///db.sqlite3",
    defaultText: "sqlite:///db.sqlite3",
    parse: text({ minLength: 1 }),
    flag: "database-url",
    secret: true,
    description: "sqlite:///file, sqlite:////absolute/file or postgres://user:password@host:5432/name.",
  },
  databasePoolSize: {
    name: "DATABASE_POOL_SIZE",
    default: 10,
    parse: integer({ min: 2, max: 10_000 }),
    description:
      "Connections that a worker opens to PostgreSQL at most; all workers of all machines share what it allows.",
  },
  databaseConnectTimeoutSeconds: {
    name: "DATABASE_CONNECT_TIMEOUT",
    default: 5,
    parse: secondsOrDuration({ min: 0.01, max: 600 }),
    unit: "seconds",
    description: "How long a request waits for a connection to PostgreSQL, be it new or in use; then it is a 503.",
  },
  databaseStatementTimeoutSeconds: {
    name: "DATABASE_STATEMENT_TIMEOUT",
    default: 30,
    parse: secondsOrDuration({ min: 0, max: 86_400 }),
    unit: "seconds",
    description:
      "How long a statement of a request may take on PostgreSQL; a second later a server that says nothing is given up. 0 for no limit.",
  },
  databaseIdleTransactionTimeoutSeconds: {
    name: "DATABASE_IDLE_TRANSACTION_TIMEOUT",
    default: 30,
    parse: secondsOrDuration({ min: 0, max: 86_400 }),
    unit: "seconds",
    description: "When PostgreSQL ends a transaction in which nothing happens, and frees what it locks. 0 for never.",
  },
  databasePoolMode: {
    name: "DATABASE_POOL_MODE",
    default: "session",
    parse: oneOf("session", "transaction"),
    description: "transaction where PgBouncer, or its like, lends connections to PostgreSQL by the transaction.",
  },
  databasePreparedStatements: {
    name: "DATABASE_PREPARED_STATEMENTS",
    default: undefined,
    defaultText: "1000, with DATABASE_POOL_MODE=transaction 0",
    parse: optional(integer({ min: 0, max: 100_000 })),
    description: "Statements that each connection to PostgreSQL keeps prepared at most.",
  },
  databaseBusyTimeoutSeconds: {
    name: "DATABASE_BUSY_TIMEOUT",
    default: 5,
    parse: secondsOrDuration({ min: 0, max: 600 }),
    unit: "seconds",
    description: "How long a write waits for another process that writes to the SQLite file; then it is a 503.",
  },
});

export type DatabaseSettings = ValuesOf<typeof databaseSettings>;

/** What `connect` is told of the settings, besides the URL. */
export const connectOptionsOf = (settings: DatabaseSettings): ConnectOptions => ({
  maxConnections: settings.databasePoolSize,
  connectTimeoutMs: settings.databaseConnectTimeoutSeconds * 1000,
  statementTimeoutMs: settings.databaseStatementTimeoutSeconds * 1000,
  idleTransactionTimeoutMs: settings.databaseIdleTransactionTimeoutSeconds * 1000,
  poolMode: settings.databasePoolMode,
  maxPrepared: settings.databasePreparedStatements,
  busyTimeoutMs: settings.databaseBusyTimeoutSeconds * 1000,
});

/** The same for work that takes as long as it takes: migrations, fixtures. */
export const unhurried = (settings: DatabaseSettings): ConnectOptions => ({
  ...connectOptionsOf(settings),
  statementTimeoutMs: 0,
  idleTransactionTimeoutMs: 0,
});
