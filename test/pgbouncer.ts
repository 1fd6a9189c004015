/** PgBouncer in front of a server, lending its connections by the transaction: for tests, where the machine has it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, serverIdentity } from "./postgres.ts";

/** The program; undefined where it is not installed. */
export const pgbouncer = [...(process.env.PATH ?? "").split(":"), "/usr/sbin"]
  .map((folder) => join(folder, "pgbouncer"))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Starts it in front of the server of a URL.
 * @param poolSize  connections to the server, for each database
 * @returns `url` leads to the same database through it
 */
export async function startPgbouncer(program: string, url: string, poolSize: number) {
  const { hostname, port, username } = new URL(url);
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-pgbouncer-"));
  await chmod(directory, 0o755);
  const ownPort = await freePort();
  await writeFile(join(directory, "users"), `"${username}" ""\n`);
  const lines = [
    "[databases]",
    `* = host=${hostname} port=${port}`,
    "[pgbouncer]",
    ...["listen_addr = 127.0.0.1", `listen_port = ${ownPort}`, "unix_socket_dir ="],
    ...["auth_type = trust", `auth_file = ${join(directory, "users")}`],
    ...["pool_mode = transaction", `default_pool_size = ${poolSize}`, "max_client_conn = 200"],
  ];
  await writeFile(join(directory, "pgbouncer.ini"), lines.join("\n"));
  const pooler = spawn(program, [join(directory, "pgbouncer.ini")], {
    ...(await serverIdentity(directory)), // it, too, refuses to run as root
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  pooler.stderr.on("data", (chunk) => {
    log += chunk;
    if (log.includes("process up")) resolve();
  });
  pooler.once("exit", () => reject(new Error(log)));
  await promise;
  const own = new URL(url);
  own.port = String(ownPort);
  return {
    url: own.href,
    async stop() {
      const exit = once(pooler, "exit");
      pooler.kill("SIGTERM");
      await exit;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
