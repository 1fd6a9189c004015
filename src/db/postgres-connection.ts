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
import { usualPasswordFile } from "./password-file.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { type Encryption, encryptionsOf } from "./postgres-tls.ts";
import { type Address, type Host, readAddress, wholeNumber } from "./postgres-url.ts";
import type { Statement } from "./statement.ts";

/** What all connections to one database have in common. */
export interface PostgresTarget {
  /** Without host, port and encryption, which differ from one attempt to the next (`postgres-open.ts`). */
  readonly config: pg.ClientConfig;
  readonly address: Address;
  readonly encryptions: readonly Encryption[];
  /** Milliseconds to wait for a connection, be it new or one in use. */
  readonly connectTimeoutMs: number;
  /** The file in which a password is looked for that nobody gave. */
  readonly passwordFile: string;
  /** The database in a person's words, without user and password. */
  readonly where: string;
  /** Makes every new connection read and write in the same formats, whatever the server's defaults. */
  readonly setup: string;
  /** What is sent right behind the BEGIN of a transaction. */
  readonly afterBegin: string;
  /** Names of statements end in it; a new one makes every connection prepare again. */
  generation: number;
  /** Names in use: a connection keeps a plan for each of them, for good. */
  readonly names: Set<string>;
  /** The statements that are prepared; who asks for ever new combinations of filters has the others planned each time. */
  readonly maxNames: number;
}

/** Until a connection on which nothing is heard is asked whether it still is one; after ten questions it is lost. */
const KEEPALIVE_MS = 10_000;

/** @throws ConfigurationError  the URL cannot be read, or a file that it names */
export function postgresTarget(url: string, options: PostgresOptions): PostgresTarget {
  const { statementTimeoutMs = 30_000, idleTransactionTimeoutMs = 30_000, poolMode = "session" } = options;
  const { environment = process.env, maxPrepared = poolMode === "session" ? 1000 : 0 } = options;
  const address = readAddress(url, environment);
  const { hosts, user, database, parameters } = address;
  const { channel_binding, application_name, sslnegotiation } = parameters;
  const seconds = wholeNumber("connect_timeout", parameters);
  const timeouts = (set: string) =>
    `; ${set} statement_timeout = ${Math.trunc(statementTimeoutMs)}; ${set} idle_in_transaction_session_timeout = ${Math.trunc(idleTransactionTimeoutMs)}`;
  const isOwn = poolMode === "session";
  return {
    config: {
      ...{ user, database, options: parameters.options },
      // The server ends a slow statement itself; this is for a server that no longer answers.
      query_timeout: statementTimeoutMs === 0 ? undefined : statementTimeoutMs + 1000,
      keepAlive: parameters.keepalives !== "0",
      keepAliveInitialDelayMillis: (wholeNumber("keepalives_idle", parameters) ?? 0) * 1000 || KEEPALIVE_MS,
      pipeline: true,
      application_name: application_name ?? "drf-auth",
      enableChannelBinding: channel_binding !== "disable",
      ...(sslnegotiation === "direct" && { sslnegotiation }),
      types: { getTypeParser },
    },
    address,
    encryptions: encryptionsOf(parameters, environment),
    connectTimeoutMs: seconds ? seconds * 1000 * hosts.length : (options.connectTimeoutMs ?? 5000),
    passwordFile: parameters.passfile ?? usualPasswordFile(environment),
    where: `PostgreSQL database ${hosts.map(inWords).join(",")}/${database}`,
    // A pooler that lends its connections by the transaction carries these three along, and no other.
    setup:
      `SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'` +
      (isOwn ? `; SET IntervalStyle = 'postgres'${timeouts("SET")}` : ""),
    afterBegin: isOwn ? "" : timeouts("SET LOCAL"),
    generation: 0,
    names: new Set(),
    maxNames: maxPrepared,
  };
}

/** A host as a URL has it. */
const inWords = ({ host, port }: Host): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

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
  const isNamed = names.has(statement.name) || (names.size < target.maxNames && names.add(statement.name));
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
