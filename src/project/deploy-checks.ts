/**
 * What is insecure or costly in production: one row a check, with what to do about it.
 *
 * `drf-auth check --deploy` shows them. An error also ends `serve`; the rest is for a person to decide, who may have a reason.
 * Reference: django.core.checks.security (`check --deploy`), and gunicorn's advice on deployment.
 */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { countCores } from "../config/index.ts";
import { readAddress, sqlitePath } from "../db/index.ts";
import { newSecretRecipe, weakSecrets } from "./secret-strength.ts";
import type { ProjectSettings } from "./settings.ts";

export interface Finding {
  /** Name of the check, e.g. `hosts.any`. */
  readonly id: string;
  readonly level: "error" | "warning";
  /** The setting or declaration. */
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What the checks look at. */
export interface Deployment {
  readonly settings: ProjectSettings;
  /** The app file. */
  readonly file: string;
  /** People make accounts, and mails are sent. */
  readonly hasAccounts: boolean;
  /** Routes that somebody unknown may write to, e.g. `POST /api/v1/snacks/`. */
  readonly openWrites: readonly string[];
  readonly userId: number | undefined;
  /** Arguments of Node, and NODE_OPTIONS. */
  readonly nodeOptions: string;
  readonly cores?: number;
}

type Found = Omit<Finding, "id" | "level"> | undefined | false;
interface DeployCheck {
  readonly id: string;
  readonly find: (deployment: Deployment) => Found | readonly Found[];
}

const day = 86_400;
const loopback = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);
const say = (place: string, problem: string, remedy: string): Found => ({ place, problem, remedy });

export const deployChecks: readonly DeployCheck[] = [
  {
    id: "secret.weak",
    find: ({ settings }) =>
      weakSecrets(settings).map(({ name, weakness }) => say(name, weakness, `make a new one: ${newSecretRecipe}`)),
  },
  {
    id: "secret.missing",
    find: ({ settings: { secretKey, databaseUrl } }) =>
      secretKey === "" &&
      sqlitePath(databaseUrl) === undefined &&
      say("SECRET_KEY", "is not set, and several machines must have the same", `make one: ${newSecretRecipe}`),
  },
  {
    id: "secret.readable",
    find: ({ settings, file }) =>
      secretFiles(settings, file)
        .filter((path) => isReadableByOthers(path))
        .map((path) => say(path, "other users of the machine can read it", `chmod 600 ${path}`)),
  },
  {
    id: "debugger",
    find: ({ nodeOptions }) =>
      /--inspect\b|--inspect-brk|--inspect=/.test(nodeOptions) &&
      say("node --inspect", "whoever reaches the debugger's port runs code in the server", "leave it out"),
  },
  {
    id: "hosts.any",
    find: ({ settings: { allowedHosts } }) =>
      allowedHosts.includes("*") &&
      say("ALLOWED_HOSTS=*", "links in answers and mails lead where a client says", "name the hosts of this site"),
  },
  {
    id: "hosts.local",
    find: ({ settings: { allowedHosts } }) =>
      allowedHosts.every((host) => loopback.has(host)) &&
      say("ALLOWED_HOSTS", "the server answers to no name but this machine's own", "name the hosts of this site"),
  },
  {
    id: "proxies.any",
    find: ({ settings: { trustedProxies } }) =>
      trustedProxies.includes("*") &&
      say("TRUSTED_PROXIES=*", "whoever connects may forge addresses and https", "name the addresses of your proxies"),
  },
  {
    id: "https.redirect",
    find: ({ settings: { sslRedirect } }) =>
      !sslRedirect &&
      say("SECURE_SSL_REDIRECT", "who comes by http sends passwords in clear", "true, behind a proxy that ends TLS"),
  },
  {
    id: "https.hsts",
    find: ({ settings: { hstsSeconds } }) =>
      hstsSeconds < 30 * day &&
      say("SECURE_HSTS_SECONDS", "browsers may come by http again", "31536000, once https works for good"),
  },
  {
    id: "cors.any",
    find: ({ settings: { corsAllowedOrigins, corsAllowCredentials } }) =>
      corsAllowedOrigins.includes("*") &&
      say(
        "CORS_ALLOWED_ORIGINS=*",
        corsAllowCredentials ? "every page may act for whoever looks at it" : "every page may read what is public here",
        "name the origins of your pages",
      ),
  },
  {
    id: "metrics.any",
    find: ({ settings: { metricsAllow } }) =>
      metricsAllow.includes("*") &&
      say("METRICS_ALLOW=*", "everybody reads routes, rates and errors", "name the addresses of your Prometheus"),
  },
  {
    id: "origins.clear",
    find: ({ settings: { trustedOrigins } }) =>
      trustedOrigins
        .filter((origin) => origin.startsWith("http:"))
        .map((origin) => say("CSRF_TRUSTED_ORIGINS", `${origin} can be forged by anybody on the way`, "use https")),
  },
  {
    id: "tokens.long",
    find: ({ settings: { accessLifetimeSeconds: seconds } }) =>
      seconds > 3600 &&
      say("ACCESS_TOKEN_LIFETIME", "a stolen token is good for more than an hour", "5m, and refresh it"),
  },
  {
    id: "tokens.refresh",
    find: ({ settings: { refreshLifetimeSeconds: seconds } }) =>
      seconds > 90 * day && say("REFRESH_TOKEN_LIFETIME", "a stolen token is good for months", "30d or less"),
  },
  {
    id: "tokens.rotation",
    find: ({ settings: { rotateRefreshTokens, blacklistAfterRotation } }) =>
      !(rotateRefreshTokens && blacklistAfterRotation) &&
      say(
        rotateRefreshTokens ? "BLACKLIST_AFTER_ROTATION" : "ROTATE_REFRESH_TOKENS",
        "that a refresh token was stolen is never noticed",
        "leave both on",
      ),
  },
  {
    id: "passwords.unlimited",
    find: ({ settings: { lockoutLimit, lockoutUserLimit, lockoutAddressLimit } }) =>
      (lockoutLimit === 0 || lockoutUserLimit === 0 || lockoutAddressLimit === 0) &&
      say("LOCKOUT_…=0", "passwords can be tried without end", "leave the limits at their defaults"),
  },
  {
    id: "passwords.fast",
    find: ({ settings: { passwordHasher, passwordIterations } }) =>
      (passwordHasher === "pbkdf2_sha1" || (passwordHasher === "pbkdf2_sha256" && passwordIterations < 260_000)) &&
      say("PASSWORD_HASHER", "passwords of a stolen database are found fast", "argon2, the default"),
  },
  {
    id: "open.writes",
    find: ({ openWrites }) =>
      openWrites.map((route) => say(route, "anybody may write there", "give it a permission, or a rate")),
  },
  {
    id: "mail.nowhere",
    find: ({ settings: { emailBackend }, hasAccounts }) =>
      hasAccounts &&
      emailBackend !== "smtp" &&
      say(`EMAIL_BACKEND=${emailBackend}`, "mails stay here, with links that open accounts", "smtp, with EMAIL_HOST"),
  },
  {
    id: "mail.clear",
    find: ({ settings: { emailHost, emailUseTls, emailUseSsl, emailBackend }, hasAccounts }) =>
      hasAccounts &&
      emailBackend === "smtp" &&
      !loopback.has(emailHost) &&
      !emailUseTls &&
      !emailUseSsl &&
      say("EMAIL_USE_TLS", `mails to ${emailHost} travel in clear`, "EMAIL_USE_TLS=true with port 587"),
  },
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
  {
    id: "user.root",
    find: ({ settings: { runAsUser }, userId }) =>
      userId === 0 &&
      runAsUser === "" &&
      say("root", "whoever breaks into the server has the machine", "RUN_AS_USER, or a user of the service's own"),
  },
];

/** Checks that end `serve`. */
const errors = new Set(["secret.weak", "secret.missing"]);

/** Everything that is insecure or costly, in the order of the table. */
export function findDeployIssues(deployment: Deployment): readonly Finding[] {
  return deployChecks.flatMap(({ id, find }) => {
    const found = find(deployment);
    const all: readonly Found[] = Array.isArray(found) ? found : [found];
    const level = errors.has(id) ? "error" : "warning";
    return all.flatMap((each) => (each ? [{ id, level, ...each } as const] : []));
  });
}

function secretFiles({ databaseUrl, keysFile, signingKeyFile }: ProjectSettings, file: string): readonly string[] {
  const path = sqlitePath(databaseUrl);
  const made = path === undefined ? [] : [join(path === ":memory:" ? dirname(file) : dirname(path), ".secret-key")];
  return [...made, keysFile, signingKeyFile].filter((each) => each !== "");
}

function isReadableByOthers(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o044) !== 0;
}
