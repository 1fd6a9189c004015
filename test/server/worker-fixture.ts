/** A worker for tests: answers its process id; `/slow` begins an answer and ends it when the process is told to stop. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeSync } from "node:fs";
import { ConfigurationError } from "../../src/errors.ts";
import { createAccessLog, createLineWriter, createLogger, openLogFile, startWorker } from "../../src/server/index.ts";

const { FAIL = "", FAIL_FILE = "", PORT = "0", DRAIN_SECONDS = "5", RESPONSE_TIMEOUT = "0", LOG_FILE } = process.env;
const { TLS_CERT_FILE = "", TLS_KEY_FILE = "" } = process.env;
const { MAX_REQUESTS = "0", MAX_MEMORY = "0" } = process.env;
if (FAIL === "crash") process.kill(process.pid, "SIGKILL");

/** A process whose parent has ended already; its number. */
const orphan =
  process.env.ORPHAN === undefined
    ? 0
    : Number(execFileSync("sh", ["-c", "sleep 0.2 >/dev/null 2>&1 & echo $!"], { encoding: "utf8" }));

/** Of a process that nobody waits for, what is left when it has ended is a zombie. */
function orphanState(): string {
  const [, state = ""] = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${orphan}/status`, "utf8")) ?? [];
  return state === "Z" ? "gone" : state;
}

const kept: Buffer[] = [];
/** Takes memory, once, and tells the process id. */
function grow(): string {
  if (kept.length === 0) kept.push(Buffer.alloc(200 * 2 ** 20, 1));
  return String(process.pid);
}

function computeForever(): never {
  writeSync(1, "it blocks\n");
  for (;;) JSON.stringify({ a: [1, 2, 3] });
}

await startWorker(() => {
  if (FAIL === "configuration") throw new ConfigurationError('DATABASE_URL="x"', "expected a URL");
  if (FAIL === "error") throw new TypeError("a mistake in the app");
  if (existsSync(FAIL_FILE)) throw new TypeError("a mistake in the new code");
  const logFile = LOG_FILE === undefined ? undefined : openLogFile(LOG_FILE, "LOG_FILE");
  return {
    host: "127.0.0.1",
    port: Number(PORT),
    keepAliveSeconds: 5,
    requestTimeoutSeconds: 60,
    tlsCertFile: TLS_CERT_FILE,
    tlsKeyFile: TLS_KEY_FILE,
    responseTimeoutSeconds: Number(RESPONSE_TIMEOUT),
    maxRequests: Number(MAX_REQUESTS),
    maxMemoryBytes: Number(MAX_MEMORY),
    drainSeconds: Number(DRAIN_SECONDS),
    log: createLogger({ format: "readable", level: "info", now: Date.now, write: (line) => console.error(line) }),
    accessLog: createAccessLog({
      ...{ format: "json", lines: createLineWriter(logFile ?? process.stdout), now: Date.now },
    }),
    onReopen: () => logFile?.reopen(),
    listener: (request, response) => {
      if (request.url === "/pid") response.end(String(process.pid));
      else if (request.url === "/block") computeForever();
      else if (request.url === "/late") setTimeout(() => {}, 0);
      else if (request.url === "/grow") response.end(grow());
      else if (request.url === "/orphan") response.end(orphanState());
      else if (request.url === "/never") response.write("begun");
      else {
        // Ends after the stop has begun: a request that is in flight then.
        process.on(request.url === "/slow-message" ? "message" : "SIGTERM", () =>
          setImmediate(() => response.end("done")),
        );
        response.write("begun ");
      }
    },
    close: async () => {
      if (process.env.NEVER_CLOSES) await new Promise(() => setInterval(() => {}, 1_000));
      console.error("app closed");
    },
  };
});
