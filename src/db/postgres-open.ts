/**
 * A new connection to PostgreSQL: at the first host that takes it and is what is looked for, encrypted as `sslmode` says.
 *
 * Where it worked the last time is tried first, so that a host that is gone, or TLS that a server does not speak, costs time once.
 * Reference: "Specifying Multiple Hosts" and `target_session_attrs` of the libpq chapter of the PostgreSQL manual.
 */
import pg from "pg";
import { DatabaseUnavailable } from "./errors.ts";
import { passwordIn } from "./password-file.ts";
import { type PostgresTarget, unavailable } from "./postgres-connection.ts";
import type { Encryption } from "./postgres-tls.ts";
import type { Host } from "./postgres-url.ts";

/** Milliseconds that the end of a connection may take. */
const GOODBYE_MS = 1000;

interface Way {
  readonly host: Host;
  readonly encryption: Encryption;
}

/** The ways of each target, the one that worked last in front. */
const known = new WeakMap<PostgresTarget, readonly Way[]>();

/**
 * Opens a connection that is ready for statements.
 * @param timeoutMs  for all attempts together
 * @throws DatabaseUnavailable
 */
export async function openConnection(target: PostgresTarget, timeoutMs = target.connectTimeoutMs): Promise<pg.Client> {
  const ways = known.get(target) ?? waysOf(target);
  const { hosts } = target.address;
  const end = performance.now() + timeoutMs;
  const failures = new Map<string, unknown>();
  /** Those that another way would not help with. */
  const hopeless = new Set<Host>();
  for (const way of ways) {
    if (hopeless.has(way.host)) continue;
    const until = Math.min(end, performance.now() + timeoutMs / hosts.length);
    try {
      const client = await attempt(target, way, until);
      known.set(target, [way, ...ways.filter((other) => other !== way)]);
      return client;
    } catch (error) {
      failures.set(error instanceof Error ? error.message : String(error), error);
      if (isFinal(error)) break;
      // Without encryption there is one thing that it helps with: a server that wants it.
      const isHopeless = way.encryption === false && codeOf(error) !== "28000";
      if (isHopeless || performance.now() >= until) hopeless.add(way.host);
    }
  }
  const [last] = [...failures.values()].slice(-1);
  if (failures.size < 2) throw unavailable(last, target);
  throw new DatabaseUnavailable(`${target.where}: ${[...failures.keys()].join("; ")}`, { cause: last });
}

/** Says goodbye, and leaves whoever does not answer. Never rejects. */
export async function closeConnection(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  await client.end();
  clearTimeout(timer);
}

function waysOf({ address: { hosts }, encryptions }: PostgresTarget): readonly Way[] {
  // A Unix socket is never encrypted.
  return hosts.flatMap((host) =>
    (host.host.startsWith("/") ? [false as const] : encryptions).map((encryption) => ({ host, encryption })),
  );
}

async function attempt(target: PostgresTarget, { host, encryption }: Way, until: number): Promise<pg.Client> {
  const { address, config, setup } = target;
  const { channel_binding, target_session_attrs } = address.parameters;
  const password = await passwordFor(target, host);
  const remainingMs = (): number => Math.max(1, Math.ceil(until - performance.now()));
  let isBound = channel_binding !== "require";
  const client = new pg.Client({
    ...{ ...config, ...host, ssl: encryption === false ? false : { ...encryption } },
    connectionTimeoutMillis: remainingMs(),
    password() {
      if (!isBound)
        throw new Error("the server does not offer channel binding, which channel_binding=require asks for");
      if (password !== undefined) return password;
      throw new Error("the server asks for a password; expected one in DATABASE_URL, PGPASSWORD or a password file");
    },
  });
  // Without a listener an error of an idle connection would end the process.
  client.on("error", () => undefined);
  client.connection.on("authenticationSASL", ({ mechanisms }: { mechanisms: readonly string[] }) => {
    isBound ||= encryption !== false && mechanisms.includes("SCRAM-SHA-256-PLUS");
  });
  try {
    await client.connect();
    if (!isBound) throw new Error("the server asked for no password, and channel_binding=require needs one");
    const ask = (text: string) => {
      const query = { text, query_timeout: remainingMs() };
      return client.query<{ standby: boolean; readonly: string }>(query);
    };
    await ask(setup);
    const expected = target_session_attrs ?? (address.hosts.length > 1 ? "read-write" : "any");
    if (expected === "any") return client;
    const { rows } = await ask(
      "SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS readonly",
    );
    const { standby = true, readonly = "on" } = rows[0] ?? {};
    const isWritable = !standby && readonly === "off";
    if (!{ "read-write": isWritable, "read-only": !isWritable, primary: !standby, standby }[expected])
      throw new Error(`${host.host}:${host.port} is not ${expected}`);
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
}

/** A password that is wrong, a database that is not there: what the server itself says would be the same at every other attempt. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !("severity" in error)) return false;
  // Not without encryption, or not with it; still starting.
  return !["28000", "57P03"].includes(codeOf(error));
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

async function passwordFor(
  { address, passwordFile }: PostgresTarget,
  { host, port }: Host,
): Promise<string | undefined> {
  const { password, database, user } = address;
  if (password !== undefined) return password;
  const isLocal = ["/run/postgresql", "/var/run/postgresql", "/tmp"].includes(host);
  return passwordIn(passwordFile, { host: isLocal ? "localhost" : host, port, database, user }, warnOnce);
}

const warned = new Set<string>();

function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  process.emitWarning(message);
}
