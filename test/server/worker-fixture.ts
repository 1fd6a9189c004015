/** A worker for tests: answers its process id; `/slow` begins an answer and ends it when the process is told to stop. */
import { ConfigurationError } from "../../src/errors.ts";
import { createAccessLog, createLineWriter, createLogger, startWorker } from "../../src/server/index.ts";

const { FAIL = "", PORT = "0", DRAIN_SECONDS = "5" } = process.env;
if (FAIL === "crash") process.kill(process.pid, "SIGKILL");

await startWorker(() => {
  if (FAIL === "configuration") throw new ConfigurationError('DATABASE_URL="x"', "expected a URL");
  if (FAIL === "error") throw new TypeError("a mistake in the app");
  return {
    host: "127.0.0.1",
    port: Number(PORT),
    keepAliveSeconds: 5,
    requestTimeoutSeconds: 60,
    drainSeconds: Number(DRAIN_SECONDS),
    log: createLogger({ format: "readable", level: "info", now: Date.now, write: (line) => console.error(line) }),
    accessLog: createAccessLog({ format: "json", lines: createLineWriter(process.stdout), now: Date.now }),
    listener: (request, response) => {
      if (request.url === "/pid") response.end(String(process.pid));
      else if (request.url === "/never") response.write("begun");
      else {
        // Ends after the stop has begun: a request that is in flight then.
        process.on(request.url === "/slow-message" ? "message" : "SIGTERM", () =>
          setImmediate(() => response.end("done")),
        );
        response.write("begun ");
      }
    },
    close: async () => console.error("app closed"),
  };
});
