/**
 * Who is compared: drf-auth, the limit of the machine, and Django REST Framework where it is installed.
 *
 * Read by `contest.ts`. Each is a command that takes a port and a database, speaks the conformance contract, and runs two
 * workers; those of static files take a folder and run one. How each is set is said here and nowhere else.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type PeerId = "drf-auth" | "limit" | "django" | "nginx";

export interface Peer {
  readonly id: PeerId;
  readonly title: string;
  /** Why it cannot run here; undefined where it can. */
  absence(): string | undefined;
  /** @param statics  folder of the collected static files */
  command(port: number, database: string, statics?: string): readonly string[];
  /** Environment besides `commonEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const ours = path("../test/conformance/serve");
const django = path("peers/django/start");
const nginx = path("peers/nginx/start");
const workers = "2";

/** The secret that the servers check tokens with, made up for the bench. */
export const secret = "bench-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz";

/** What every server is told. */
export const commonEnvironment: Readonly<Record<string, string>> = {
  SECRET_KEY: secret,
  ALLOWED_HOSTS: "127.0.0.1,localhost",
  AUTH_CLASSES: "jwt,session,basic",
  DEBUG: "0",
};

export const peers: readonly Peer[] = [
  {
    id: "limit",
    title: "the limit: node:http by hand",
    absence: () => undefined,
    command: (port, database) => [
      process.execPath,
      path("peers/limit/server.ts"),
      "--port",
      String(port),
      "--db",
      database,
    ],
    environment: { WEB_CONCURRENCY: workers },
  },
  {
    id: "drf-auth",
    title: "drf-auth",
    absence: () => (existsSync(ours) ? undefined : "test/conformance/serve does not exist"),
    command: (port, database) => [ours, "--port", String(port), "--db", database],
    // Gunicorn writes no access log unless it is told to.
    environment: { APP: path("peers/drf-auth/app.ts"), WEB_CONCURRENCY: workers, ACCESS_LOG: "off" },
  },
  {
    id: "django",
    title: "Django REST Framework, Gunicorn",
    absence: absenceOfDjango,
    command: (port, database) => [django, "--port", String(port), "--db", database],
    environment: { WORKERS: workers },
  },
];

/** Who answers static files, one worker each. */
export const staticPeers: readonly Peer[] = [
  {
    id: "nginx",
    title: "nginx",
    absence: () => {
      const { error } = spawnSync("nginx", ["-v"], { env: { PATH: `${process.env.PATH}:/usr/sbin` } });
      return error === undefined ? undefined : "apt-get install nginx";
    },
    command: (port, _, statics = "") => [nginx, "--port", String(port), "--root", statics],
    environment: {},
  },
  {
    id: "limit",
    title: "the limit: node:http by hand",
    absence: () => undefined,
    command: (port, _, statics = "") => [
      ...[process.execPath, path("peers/limit/static.ts")],
      ...["--port", String(port), "--root", statics],
    ],
    environment: {},
  },
  {
    id: "drf-auth",
    title: "drf-auth",
    absence: () => (existsSync(ours) ? undefined : "test/conformance/serve does not exist"),
    command: (port, database) => [ours, "--port", String(port), "--db", database],
    environment: {
      ...{ APP: path("peers/drf-auth/app.ts"), WEB_CONCURRENCY: "1" },
      ...{ ACCESS_LOG: "off", CONTROL_SOCKET: "off" },
    },
  },
];

/** Asks the interpreter that `peers/django/start` would use. */
function absenceOfDjango(): string | undefined {
  const modules = "django, rest_framework, rest_framework_simplejwt, django_filters, whitenoise, gunicorn";
  const shell = `exec "\${PYTHON:-$(command -pv python3)}" -c "import ${modules}"`;
  const { status, stderr, error } = spawnSync("sh", ["-c", shell], { encoding: "utf8" });
  if (status === 0) return undefined;
  const reason = error?.message ?? stderr.trim().split("\n").at(-1);
  return `${reason || "no python3"} (bench/peers/django/README.md says what it needs)`;
}
