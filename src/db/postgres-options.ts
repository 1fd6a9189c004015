/** How PostgreSQL is reached. Apart from the driver, so that whoever uses our types needs none of `pg`. */
export interface PostgresOptions {
  /** Connections of this process at most, of which half serve reads; at least 2 (default 10). */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection, be it new or one in use (default 5000); `connect_timeout` of the URL is stronger. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which the server gives a statement up, 0 for never (default 30000). */
  readonly statementTimeoutMs?: number;
  /** Milliseconds after which the server ends a transaction in which nothing happens, 0 for never (default 30000). */
  readonly idleTransactionTimeoutMs?: number;
  /** What a connection is to the server: one of it, or, behind a pooler, another one for each transaction (default `session`). */
  readonly poolMode?: "session" | "transaction";
  /** Statements that are kept prepared on each connection (default 1000; 0 with the pool mode `transaction`). */
  readonly maxPrepared?: number;
  /** Where variables such as PGPASSFILE are looked up (default: those of this process). */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}
