/** How PostgreSQL is reached. Apart from the driver, so that whoever uses our types needs none of `pg`. */
export interface PostgresOptions {
  /** Connections of this process at most, of which half serve reads; at least 2 (default 10). */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection, be it new or one in use (default 5000). */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which the server gives a statement up, 0 for never (default 30000). */
  readonly statementTimeoutMs?: number;
}
