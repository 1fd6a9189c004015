/** A primary for tests: says its URL on standard output when it serves; ends with the arbiter's exit code. */
import { fileURLToPath } from "node:url";
import { DrfAuthError } from "../../src/errors.ts";
import { createLogger, openSockets, startArbiter } from "../../src/server/index.ts";

const {
  WORKERS = "2",
  GRACEFUL = "5",
  PORT = "0",
  UNIX_SOCKET = "",
  WORKER_TIMEOUT = "0",
  PID_FILE,
  CONTROL,
} = process.env;
try {
  const sockets = await openSockets({
    ...{ host: "127.0.0.1", port: Number(PORT), unixSocket: UNIX_SOCKET, environment: process.env },
  });
  const arbiter = startArbiter({
    exec: fileURLToPath(new URL("worker-fixture.ts", import.meta.url)),
    workers: Number(WORKERS),
    gracefulTimeoutSeconds: Number(GRACEFUL),
    workerTimeoutSeconds: Number(WORKER_TIMEOUT),
    sockets,
    pidFile: PID_FILE,
    control: CONTROL === undefined ? undefined : { path: CONTROL, isRequired: true },
    url: UNIX_SOCKET === "" ? undefined : `unix:${UNIX_SOCKET}`,
    log: createLogger({ format: "json", level: "debug", now: Date.now, write: (line) => console.log(line) }),
    onReady: (url) => console.log(`ready ${url}`),
    restartDelaySeconds(deaths) {
      console.log(`deaths in a row: ${deaths}`);
      return 0;
    },
  });
  if (process.env.HUP_EARLY) process.kill(process.pid, "SIGHUP");
  process.exitCode = await arbiter.finished;
} catch (error) {
  console.error(error instanceof DrfAuthError ? error.message : error);
  process.exitCode = 1;
}
