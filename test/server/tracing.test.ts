import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { connect, defineStatement, traced } from "../../src/db/index.ts";
import { createTracing, loadOpenTelemetry, type OpenTelemetry } from "../../src/server/index.ts";

interface Recorded {
  name: string;
  readonly parent: string | undefined;
  readonly attributes: Record<string, string | number>;
  status?: number;
  error?: string;
  isEnded: boolean;
}

/** What `@opentelemetry/api` does with an SDK behind it, as far as it is used. */
function createApi(): { readonly api: OpenTelemetry; readonly spans: Recorded[] } {
  const spans: Recorded[] = [];
  const active = new AsyncLocalStorage<{ span?: Recorded }>();
  const wrap = (span: Recorded) => ({
    setAttributes: (attributes: object) => Object.assign(span.attributes, attributes),
    updateName(name: string) {
      span.name = name;
    },
    recordException(error: Error) {
      span.error = error.message;
    },
    setStatus({ code }: { code: number }) {
      span.status = code;
    },
    end() {
      span.isEnded = true;
    },
    span,
  });
  const api: OpenTelemetry = {
    trace: {
      getTracer: () => ({
        startSpan(name, options = {}, context = active.getStore() ?? {}) {
          const parent: unknown = Reflect.get(Object(context), "span");
          const attributes: Record<string, string | number> = { ...Reflect.get(options, "attributes") };
          const parentName = parent === undefined ? undefined : String(Reflect.get(Object(parent), "name"));
          const span: Recorded = { name, parent: parentName, attributes, isEnded: false };
          spans.push(span);
          return wrap(span);
        },
      }),
      getActiveSpan() {
        const span = active.getStore()?.span;
        return span && wrap(span);
      },
      setSpan: (context, span) => ({ ...Object(context), span: Reflect.get(span, "span") }),
    },
    context: { active: () => active.getStore() ?? {}, with: (context, work) => active.run(Object(context), work) },
    propagation: {
      extract: (context, carrier) => {
        const sent: unknown = Reflect.get(Object(carrier), "traceparent");
        return sent === undefined ? context : { span: { name: `remote ${sent}` } };
      },
    },
  };
  return { api, spans };
}

async function answer(t: TestContext, listener: RequestListener, headers = {}): Promise<void> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  await (await fetch(`http://127.0.0.1:${port}/api/v1/snacks/7/?token=secret`, { headers })).text();
  server.closeAllConnections();
}

describe("traces", () => {
  it("show a request by its route, under the span of whoever asked, with its statements in it", async (t) => {
    const { api, spans } = createApi();
    const tracing = createTracing(api);
    const database = traced(await connect("sqlite://:memory:"), tracing);
    t.after(() => database.close());
    const listener: RequestListener = async (_, response) => {
      tracing.noteRoute(response, "/api/v1/snacks/:pk/");
      await database.get(defineStatement("select 1", true));
      await database.transaction(async (transaction) => transaction.get(defineStatement("select 2", true)));
      response.end();
    };
    await answer(t, tracing.watch(listener), { traceparent: "00-abc" });
    const route = "GET /api/v1/snacks/:pk/";
    assert.deepEqual(
      spans.map(({ name, parent, isEnded }) => ({ name, parent, isEnded })),
      [
        { name: route, parent: "remote 00-abc", isEnded: true },
        { name: "SELECT", parent: route, isEnded: true },
        { name: "TRANSACTION", parent: route, isEnded: true },
        { name: "SELECT", parent: "TRANSACTION", isEnded: true },
      ],
    );
    assert.deepEqual(spans[0]?.attributes, {
      ...{ "url.path": "/api/v1/snacks/7/", "http.route": "/api/v1/snacks/:pk/" },
      ...{ "http.request.method": "GET", "http.response.status_code": 200 },
    });
    assert.deepEqual(spans[1]?.attributes, { "db.system.name": "sqlite", "db.query.text": "select 1" });
  });

  it("name the span that somebody else has begun, and make no second one", async (t) => {
    const { api, spans } = createApi();
    const tracing = createTracing(api);
    const listener = tracing.watch((_, response) => {
      tracing.noteRoute(response, "/x/");
      response.end();
    });
    const outer = api.trace.getTracer("http").startSpan("GET");
    await answer(t, (request, response) => {
      api.context.with(api.trace.setSpan(api.context.active(), outer), () => listener(request, response));
    });
    assert.deepEqual(
      spans.map(({ name, attributes }) => ({ name, attributes })),
      [{ name: "GET /x/", attributes: { "http.route": "/x/" } }],
    );
  });

  it("tell of errors, now and later, and change nothing of what is thrown", async () => {
    const { api, spans } = createApi();
    const { span } = createTracing(api);
    const error = new Error("away");
    await assert.rejects(
      span("later", {}, async () => Promise.reject(error)),
      error,
    );
    assert.throws(
      () =>
        span("now", {}, () => {
          throw error;
        }),
      error,
    );
    assert.deepEqual(
      spans.map((each) => [each.name, each.status, each.error, each.isEnded]),
      [
        ["later", 2, "away", true],
        ["now", 2, "away", true],
      ],
    );
  });

  it("are refused at the start where the app has no @opentelemetry/api", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "drf-auth-tracing-"));
    t.after(() => rm(directory, { recursive: true }));
    assert.throws(() => loadOpenTelemetry(join(directory, "app.ts")), {
      message: "TRACING=true: expected @opentelemetry/api beside the app: npm install @opentelemetry/api",
    });
  });
});
