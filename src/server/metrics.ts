/**
 * The numbers of one worker's requests: counted as they end, told as one snapshot when somebody asks.
 *
 * Called for every request, so it does little: two readings of the clock, two look-ups, two additions. When
 * a request began and which route answers is kept on its response, which has room for it from the start: a map of responses, or
 * properties that are added later, would cost more than all else here.
 */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Measurement } from "../config/index.ts";
import { durationBounds } from "./instruments.ts";

/** The requests of one route and method. */
export interface Series {
  readonly route: string;
  readonly method: string;
  /** Number of answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Number of answers by duration, not added up; one more than there are bounds. */
  readonly buckets: readonly number[];
  readonly seconds: number;
}

/** What a worker has counted since its start. */
export interface Snapshot {
  readonly series: readonly Series[];
  readonly measurements: readonly Measurement[];
}

export interface Metrics {
  begin(response: ServerResponse): void;
  /** Notes which route answers, as a pattern. */
  noteRoute(response: ServerResponse, route: string): void;
  end(response: ServerResponse): void;
  /** Counts a request that was answered at once. */
  note(route: string, method: string, status: number): void;
  series(): readonly Series[];
}

/** Of what no route answers: there is nothing, or somebody else's handler. */
export const noRoute = "(none)";

const startedAt = Symbol("started at");
const routed = Symbol("route");
type Watched = ServerResponse & { [startedAt]?: number; [routed]?: string };

/** The response of an HTTP/1.1 server that is watched. */
export class WatchedResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  [startedAt] = 0;
  [routed] = noRoute;
}

interface Counts {
  readonly statuses: Map<number, number>;
  readonly buckets: number[];
  seconds: number;
}

/** Methods of one's own invention are one, so that nobody can fill the memory with them. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** The status of a request whose client went away before the answer, as in the access log. */
const clientGone = 499;

function count(counts: Counts, status: number, seconds: number): void {
  counts.statuses.set(status, (counts.statuses.get(status) ?? 0) + 1);
  let i = 0;
  while (i < durationBounds.length && seconds > (durationBounds[i] ?? 0)) i++;
  counts.buckets[i] = (counts.buckets[i] ?? 0) + 1;
  counts.seconds += seconds;
}

/** Makes the counters of a worker. @param now  milliseconds of a steady clock, with a fraction */
export function createMetrics(now: () => number = () => performance.now()): Metrics {
  const routes = new Map<string, Map<string, Counts>>();

  function countsOf(route: string, named: string): Counts {
    const method = methods.has(named) ? named : "other";
    let byMethod = routes.get(route);
    if (byMethod === undefined) {
      byMethod = new Map();
      routes.set(route, byMethod);
    }
    let counts = byMethod.get(method);
    if (counts === undefined) {
      counts = { statuses: new Map(), buckets: durationBounds.map(() => 0).concat(0), seconds: 0 };
      byMethod.set(method, counts);
    }
    return counts;
  }

  return {
    begin(response: Watched) {
      response[startedAt] = now();
    },
    noteRoute(response: Watched, route) {
      response[routed] = route;
    },
    end(response: Watched) {
      const status = response.headersSent ? response.statusCode : clientGone;
      const seconds = (now() - (response[startedAt] ?? 0)) / 1000;
      count(countsOf(response[routed] ?? noRoute, response.req.method ?? ""), status, seconds);
    },
    note(route, method, status) {
      count(countsOf(route, method), status, 0);
    },
    series: () =>
      [...routes].flatMap(([route, byMethod]) =>
        [...byMethod].map(([method, { statuses, buckets, seconds }]) => ({
          ...{ route, method, statuses: Object.fromEntries(statuses), buckets, seconds },
        })),
      ),
  };
}
