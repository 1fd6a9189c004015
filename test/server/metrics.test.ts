import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { addSnapshots, expose, keepCounters } from "../../src/server/exposition.ts";
import { createMetrics, type Metrics } from "../../src/server/metrics.ts";

/** Metrics on a clock of the test, and a function that answers a request. */
function start(): {
  metrics: Metrics;
  answer: (method: string, route: string | undefined, status: number, ms: number) => void;
} {
  let at = 0;
  const metrics = createMetrics(() => at);
  return {
    metrics,
    answer(method, route, status, ms) {
      const request = Object.assign(new IncomingMessage(new Socket()), { method });
      const response = new ServerResponse(request);
      metrics.begin(response);
      if (route !== undefined) metrics.noteRoute(response, route);
      if (status !== 499) response.writeHead(status);
      at += ms;
      metrics.end(response);
    },
  };
}
const textOf = (...all: readonly Metrics[]): string =>
  expose(addSnapshots(all.map((metrics) => ({ series: metrics.series(), measurements: [] }))));
const sampleOf = (text: string, sample: string): number | undefined => {
  const line = text.split("\n").find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length));
};

describe("the metrics of requests", () => {
  it("count by pattern of the route, method and status, and not by path", () => {
    const { metrics, answer } = start();
    answer("GET", "/api/v1/snacks/:pk/", 200, 3);
    answer("GET", "/api/v1/snacks/:pk/", 404, 3);
    answer("GET", "/api/v1/snacks/:pk/", 200, 3);
    const text = textOf(metrics);
    const name = "drf_auth_http_requests_total";
    assert.equal(sampleOf(text, `${name}{route="/api/v1/snacks/:pk/",method="GET",status="200"}`), 2);
    assert.equal(sampleOf(text, `${name}{route="/api/v1/snacks/:pk/",method="GET",status="404"}`), 1);
  });

  it("have durations in buckets that hold each other, with sum and count", () => {
    const { metrics, answer } = start();
    for (const ms of [1, 1.5, 40, 20_000]) answer("GET", "/x/", 200, ms);
    const text = textOf(metrics);
    const name = "drf_auth_http_request_duration_seconds";
    const buckets = ["0.001", "0.0025", "0.025", "0.05", "10", "+Inf"].map((le) =>
      sampleOf(text, `${name}_bucket{route="/x/",method="GET",le="${le}"}`),
    );
    assert.deepEqual(buckets, [1, 2, 2, 3, 3, 4]);
    assert.equal(sampleOf(text, `${name}_count{route="/x/",method="GET"}`), 4);
    assert.ok(Math.abs((sampleOf(text, `${name}_sum{route="/x/",method="GET"}`) ?? 0) - 20.0425) < 1e-9);
  });

  it("stay few whatever clients send: no paths, no methods of their own", () => {
    const { metrics, answer } = start();
    for (let i = 0; i < 50; i++) answer(`M${i}`, undefined, 404, 1);
    answer("GET", undefined, 499, 1);
    const text = textOf(metrics);
    const counts = text.split("\n").filter((line) => line.startsWith("drf_auth_http_requests_total"));
    assert.deepEqual(counts, [
      'drf_auth_http_requests_total{route="(none)",method="other",status="404"} 50',
      'drf_auth_http_requests_total{route="(none)",method="GET",status="499"} 1',
    ]);
  });

  it("of several workers are added up; the slowest event loop speaks for all", () => {
    const [one, two] = [start(), start()];
    one.answer("GET", "/x/", 200, 1);
    two.answer("GET", "/x/", 200, 1);
    two.answer("POST", "/x/", 201, 1);
    const text = textOf(one.metrics, two.metrics);
    assert.equal(sampleOf(text, 'drf_auth_http_requests_total{route="/x/",method="GET",status="200"}'), 2);
    assert.equal(sampleOf(text, 'drf_auth_http_requests_total{route="/x/",method="POST",status="201"}'), 1);
    const delay = (value: number) => ({
      series: [],
      measurements: [{ name: "drf_auth_event_loop_delay_seconds", value }],
    });
    const late = addSnapshots([delay(0.5), delay(0.1)]);
    assert.equal(sampleOf(expose(late), "drf_auth_event_loop_delay_seconds"), 0.5);
  });

  it("of a worker that is gone keep what was counted, and not what was so at the time", () => {
    const kept = keepCounters({
      series: [],
      measurements: [
        { name: "drf_auth_auth_events_total", labels: { event: "authn_login_fail" }, value: 3 },
        { name: "drf_auth_http_requests_in_flight", value: 3 },
      ],
    });
    assert.deepEqual(
      kept.measurements.map(({ name }) => name),
      ["drf_auth_auth_events_total"],
    );
  });

  it("are written as Prometheus reads them: help, kind, escaped labels", () => {
    const { metrics, answer } = start();
    answer("GET", '/a"b\\c\n/', 200, 1);
    const lines = textOf(metrics).split("\n");
    assert.deepEqual(lines.slice(0, 3), [
      "# HELP drf_auth_http_requests_total Answered requests, by pattern of the route, method and status.",
      "# TYPE drf_auth_http_requests_total counter",
      'drf_auth_http_requests_total{route="/a\\"b\\\\c\\n/",method="GET",status="200"} 1',
    ]);
    const form = /^(#.*|[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? \S+|)$/;
    for (const line of lines) assert.match(line, form);
  });
});
