/** A primary for tests: says its URL on standard output when it serves; ends with the arbiter's exit code. */
import { fileURLToPath } from "node:url";
import { DrfAuthError } from "../../src/errors.ts";
import { createLogger, startArbiter } from "../../src/server/index.ts";

const { WORKERS = "2", GRACEFUL = "5" } = process.env;
const arbiter = startArbiter({
  exec: fileURLToPath(new URL("worker-fixture.ts", import.meta.url)),
  workers: Number(WORKERS),
  gracefulTimeoutSeconds: Number(GRACEFUL),
  log: createLogger({ format: "json", level: "debug", now: Date.now, write: (line) => console.log(line) }),
  onReady: (url) => console.log(`ready ${url}`),
  restartDelaySeconds: () => 0,
});
try {
  process.exitCode = await arbiter.finished;
} catch (error) {
  console.error(error instanceof DrfAuthError ? error.message : error);
  process.exitCode = 1;
}
