/**
 * One connection to PostgreSQL, how it is set up and how its values are read.
 *
 * Statements are named, so the server plans them once a connection, and pipelined: they are sent at once and answered in order.
 * Values arrive as text unless a JavaScript type holds them without loss; `formats.ts` knows the rest.
 * Reference: node-postgres; the protocol chapter of the PostgreSQL manual.
 */
import pg from "pg";
import type { SqlValue } from "./database.ts";
import { DatabaseUnavailable, fromPostgres, StaleStatement } from "./errors.ts";
import type { Statement } from "./statement.ts";

/** What all connections to one database have in common. */
export interface PostgresTarget {
  readonly config: pg.ClientConfig;
  /** The database in a person's words, without user and password. */
  readonly where: string;
  /** Makes every new connection read and write in the same formats, whatever the server's defaults. */
  readonly setup: string;
  /** Names of statements end in it; a new one makes every connection prepare again. */
  generation: number;
  /** Names in use: a connection keeps a plan for each of them, for good. */
  readonly names: Set<string>;
}

/** The statements that are prepared; who asks for ever new combinations of filters has the others planned each time. */
const MAX_NAMES = 1000;

/** @throws TypeError  `url` is not a URL */
export function postgresTarget(url: string, connectTimeoutMs: number, statementTimeoutMs: number): PostgresTarget {
  const { host, pathname } = new URL(url);
  return {
    config: {
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      // The server ends a slow statement itself; this is for a server that no longer answers.
      query_timeout: statementTimeoutMs === 0 ? undefined : statementTimeoutMs + 1000,
      keepAlive: true,
      pipeline: true,
      fallback_application_name: "drf-auth",
      types: { getTypeParser },
    },
    where: `PostgreSQL database ${host}${pathname}`,
    setup:
      `SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; ` +
      `SET statement_timeout = ${Math.trunc(statementTimeoutMs)}`,
    generation: 0,
    names: new Set(),
  };
}

export type Result = pg.QueryArrayResult<unknown[]>;

/**
 * Runs a statement on a connection.
 * @throws DatabaseError  see `errors.ts`
 */
export async function runStatement(
  client: pg.ClientBase,
  target: PostgresTarget,
  statement: Statement,
  parameters: readonly SqlValue[],
): Promise<Result> {
  const { generation, names } = target;
  const isNamed = names.has(statement.name) || (names.size < MAX_NAMES && names.add(statement.name));
  const name = !isNamed ? undefined : generation === 0 ? statement.name : `${statement.name}_${generation}`;
  try {
    return await client.query<unknown[]>({ name, text: statement.sql, values: [...parameters], rowMode: "array" });
  } catch (cause) {
    const error = fromPostgres(cause, target.where);
    if (error instanceof StaleStatement && target.generation === generation) target.generation++;
    throw error;
  }
}

/** What a failed attempt to connect means: whatever the reason, there is no database. */
export function unavailable(error: unknown, target: PostgresTarget): DatabaseUnavailable {
  const known = fromPostgres(error, target.where);
  if (known instanceof DatabaseUnavailable) return known;
  const reason = error instanceof Error ? error.message : String(error);
  return new DatabaseUnavailable(`${target.where}: ${reason}`, { cause: error });
}

const asText = (text: string): string => text;

/** `int8` and `oid`: a number where it is exact. */
function toInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** By the object identifier of the type (pg_type.oid, fixed for built-in types); every other type stays text. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === "t", // bool
  17: pg.types.getTypeParser(17, "text"), // bytea
  20: toInteger, // int8
  21: Number, // int2
  23: Number, // int4
  26: toInteger, // oid
  700: Number, // float4
  701: Number, // float8
};

const getTypeParser: pg.CustomTypesConfig["getTypeParser"] = (oid: number) => parsers[oid] ?? asText;
