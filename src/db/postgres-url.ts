/**
 * Where a PostgreSQL database is and how it is reached: a URL and, for what the URL leaves out, the environment.
 *
 * Parameters, variables and their meaning are those of psql and every other program that is built on libpq.
 * Reference: "Connection URIs", "Parameter Key Words" and "Environment Variables" of the libpq chapter of the PostgreSQL manual.
 * Differs: a parameter that nothing here reads is refused; of several hosts one that can be written to is looked for unless it is said
 * otherwise; without a host and without a socket in its usual folders it is `localhost`.
 */
import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { suggest } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";

export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** What a URL and the environment say, by the name of the parameter; without those that neither has. */
export type Parameters = { readonly [Name in keyof typeof variables]?: string };

export interface Address {
  /** In the order in which they are tried. */
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  readonly parameters: Parameters;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every parameter, with the variable that stands in for it; null where there is none. */
const variables = {
  host: "PGHOST",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  passfile: "PGPASSFILE",
  connect_timeout: "PGCONNECT_TIMEOUT",
  application_name: "PGAPPNAME",
  options: "PGOPTIONS",
  client_encoding: null,
  keepalives: null,
  keepalives_idle: null,
  target_session_attrs: "PGTARGETSESSIONATTRS",
  sslmode: "PGSSLMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslpassword: null,
  channel_binding: "PGCHANNELBINDING",
} as const;

type Name = keyof typeof variables;
const names = Object.keys(variables);
const isName = (name: string): name is Name => Object.hasOwn(variables, name);

/** The words that some parameters are one of. */
const words: { readonly [name in Name]?: readonly string[] } = {
  client_encoding: ["UTF8", "utf8", "UTF-8", "utf-8", "auto"],
  keepalives: ["0", "1"],
  target_session_attrs: ["any", "read-write", "read-only", "primary", "standby"],
  sslmode: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
  sslnegotiation: ["postgres", "direct"],
  channel_binding: ["disable", "prefer", "require"],
};

/** The URLs that name a database. */
export const urlForms =
  "expected sqlite:///relative/path, sqlite:////absolute/path, sqlite://:memory: or postgres://user:password@host:5432/name";

/**
 * Reads a URL.
 * @throws ConfigurationError  not of this form, or a parameter that is not known; the message has no password
 */
export function readAddress(url: string, environment: Environment): Address {
  const parts = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (!parts)
    throw new ConfigurationError("DATABASE_URL", `${urlForms} (with %40 for an @ in the password, and the like)`);
  const [, credentials = "", authority = "", path = "", query = ""] = parts;
  const colon = credentials.indexOf(":");
  const hosts = authority.split(",").map(splitPort);
  const given: { [name in Name]?: string } = {};
  for (const [name, variable] of Object.entries(variables) as [Name, string | null][])
    if (variable !== null && environment[variable]) given[name] = environment[variable];
  const inUrl: { readonly [name in Name]?: string } = {
    user: decoded(colon < 0 ? credentials : credentials.slice(0, colon)),
    password: colon < 0 ? "" : decoded(credentials.slice(colon + 1)),
    host: hosts.map(([host]) => decoded(host)).join(","),
    port: hosts.some(([, port]) => port !== "") ? hosts.map(([, port]) => port).join(",") : "",
    dbname: decoded(path),
    ...parametersOf(query),
  };
  for (const [name, value] of Object.entries(inUrl) as [Name, string][]) if (value !== "") given[name] = value;
  for (const [name, allowed] of Object.entries(words) as [Name, readonly string[]][]) {
    const value = given[name];
    if (value !== undefined && !allowed.includes(value))
      throw new ConfigurationError(`DATABASE_URL, ${name}`, `expected ${allowed.join(", ")}, got "${value}"`);
  }
  const user = given.user ?? userInfo().username;
  return {
    hosts: hostsOf(given.host, given.port),
    user,
    database: given.dbname ?? user,
    password: given.password,
    parameters: given,
  };
}

/** A whole number of a parameter; undefined where it is not given. @throws ConfigurationError */
export function wholeNumber(name: Name, { [name]: value }: Parameters): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new ConfigurationError(`DATABASE_URL, ${name}`, "expected a whole number");
  return Number(value);
}

/** A file of the folder that libpq keeps such files in; undefined where there is none. */
export function personalFile(name: string, { HOME = homedir(), APPDATA }: Environment): string | undefined {
  const path = process.platform === "win32" ? `${APPDATA}/postgresql/${name}` : `${HOME}/.postgresql/${name}`;
  return existsSync(path) ? path : undefined;
}

function parametersOf(query: string): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    if (!isName(name))
      throw new ConfigurationError(
        "DATABASE_URL",
        // Not by its name: where a password was not encoded, it may be a part of that.
        `a parameter is not known; expected ${names.join(", ")}${suggest(name, names)}`,
      );
    found[name] = equals < 0 ? "" : decoded(pair.slice(equals + 1));
  }
  return found;
}

/** `host:5432`, `[::1]:5432`, `%2Frun%2Fpostgresql`. */
function splitPort(text: string): readonly [host: string, port: string] {
  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(text);
  if (!parts) throw new ConfigurationError("DATABASE_URL", `${urlForms}; a host or port in it cannot be read`);
  const [, address, name = "", port = ""] = parts;
  return [address ?? name, port];
}

function hostsOf(hosts = defaultFolder(), ports = "5432"): readonly Host[] {
  const port = ports.split(",");
  const names = hosts.split(",");
  if (port.length > 1 && port.length !== names.length)
    throw new ConfigurationError("DATABASE_URL", "expected one port, or as many as there are hosts");
  return names.map((host, i) => {
    const given = (port.length === 1 ? port[0] : port[i]) || "5432";
    const number = /^\d{1,5}$/.test(given) ? Number(given) : 0;
    if (number < 1 || number > 65_535)
      throw new ConfigurationError("DATABASE_URL", `${urlForms}; the port is a whole number from 1 to 65535`);
    return { host: host || defaultFolder(), port: number };
  });
}

/** Where a server on this machine has its socket, where it has one. */
const defaultFolder = (): string =>
  ["/run/postgresql", "/var/run/postgresql", "/tmp"].find((folder) => existsSync(`${folder}/.s.PGSQL.5432`)) ??
  "localhost";

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}
