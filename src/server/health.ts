/**
 * What is asked by whoever looks after a server, answered before the app is: `/livez`, `/readyz` and `/metrics`.
 *
 * `/livez` says that the event loop turns. `/readyz` says whether requests should be sent here: it asks the database, and is no
 * longer ready from the moment that the server is told to stop. Neither needs an allowed host, since orchestrators ask by address.
 * Reference: the health endpoints of Kubernetes.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { expositionType } from "./exposition.ts";

/** What is wrong, in a few words without details; undefined where all is well. */
export type Check = () => Promise<string | undefined>;

export interface HealthOptions {
  /** By name, e.g. `database`. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** Whether this client may read the metrics; others are told what the app tells of a path that is not there. */
  readonly mayScrape?: (request: IncomingMessage) => boolean;
  /** The text of the metrics. */
  readonly scrape: () => Promise<string>;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
}

export interface Health {
  /** Answers one of the paths, and says so. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** The server is about to stop. */
  leave(): void;
}

/** How long an answer of the checks is good for, so that nobody can keep the database busy by asking; milliseconds. */
const freshness = 1_000;
/** What a check has; milliseconds. */
const checkTime = 3_000;

type Findings = Readonly<Record<string, string>>;

/** Makes what answers. */
export function createHealth(options: HealthOptions): Health {
  const { checks = {}, mayScrape = () => false, scrape, now = () => performance.now() } = options;
  let isLeaving = false;
  let known: { readonly at: number; readonly findings: Promise<Findings> } | undefined;

  const find = (): Promise<Findings> => {
    if (known === undefined || now() - known.at > freshness) known = { at: now(), findings: runAll(checks) };
    return known.findings;
  };
  const readiness = async (response: ServerResponse): Promise<void> => {
    const findings = await find();
    const isReady = !isLeaving && Object.values(findings).every((finding) => finding === "ok");
    const status = isLeaving ? "stopping" : isReady ? "ready" : "not ready";
    send(response, isReady ? 200 : 503, "application/json", `${JSON.stringify({ status, checks: findings })}\n`);
  };
  const metrics = async (response: ServerResponse): Promise<void> =>
    send(response, 200, expositionType, await scrape());

  return {
    answer(request, response) {
      const { url, method } = request;
      if (url !== "/livez" && url !== "/readyz" && url !== "/metrics") return false;
      if (url === "/metrics" && !mayScrape(request)) return false;
      if (method !== "GET" && method !== "HEAD") {
        response.setHeader("allow", "GET, HEAD");
        send(response, 405, "text/plain", "");
      } else if (url === "/livez") send(response, 200, "text/plain", "ok\n");
      else {
        const answered = url === "/readyz" ? readiness(response) : metrics(response);
        answered.catch(() => response.destroy());
      }
      return true;
    },
    leave() {
      isLeaving = true;
    },
  };
}

async function runAll(checks: Readonly<Record<string, Check>>): Promise<Findings> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, (await runOne(check)) ?? "ok"] as const),
  );
  return Object.fromEntries(found);
}

async function runOne(check: Check): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve("takes too long"), checkTime);
  try {
    return await Promise.race([check(), late.promise]);
  } catch {
    return "fails";
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    ...{ "content-type": type, "content-length": Buffer.byteLength(body), "cache-control": "no-store" },
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
