/**
 * Traces by OpenTelemetry: a span for each request, its statements and the passwords that it hashes.
 *
 * The app brings `@opentelemetry/api` and an SDK that it starts itself (`NODE_OPTIONS="--import ./tracing.js"`); this package
 * depends on neither, and TRACING=true looks for the API beside the app file. A server span that the SDK's own instrumentation of
 * HTTP has begun is named after its route, and no second one is made.
 * Reference: OpenTelemetry's semantic conventions for HTTP and databases.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Tracer } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";

type Attributes = Readonly<Record<string, string | number>>;

interface Span {
  setAttributes(attributes: Attributes): unknown;
  updateName(name: string): unknown;
  recordException(error: Error): void;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** What is used of `@opentelemetry/api`. */
export interface OpenTelemetry {
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options?: object, context?: unknown): Span };
    getActiveSpan(): Span | undefined;
    setSpan(context: unknown, span: Span): unknown;
  };
  readonly context: { active(): unknown; with<T>(context: unknown, work: () => T): T };
  readonly propagation: { extract(context: unknown, carrier: unknown): unknown };
}

export interface Tracing extends Tracer {
  /** The same listener, with a span for each request. */
  watch(listener: RequestListener): RequestListener;
  /** Names the span of a request after its route. */
  noteRoute(response: ServerResponse, route: string): void;
}

/** SpanKind.SERVER and SpanStatusCode.ERROR of the API. */
const serverKind = 1;
const errorStatus = 2;

/**
 * Finds the API beside an app file.
 * @throws ConfigurationError  it is not installed there
 */
export function loadOpenTelemetry(appFile: string): OpenTelemetry {
  try {
    const found: OpenTelemetry = createRequire(appFile)("@opentelemetry/api");
    return found;
  } catch (cause) {
    const remedy = "expected @opentelemetry/api beside the app: npm install @opentelemetry/api";
    throw new ConfigurationError("TRACING=true", remedy, { cause });
  }
}

/** Makes traces of it. */
export function createTracing({ trace, context, propagation }: OpenTelemetry): Tracing {
  const tracer = trace.getTracer("drf-auth");
  const spans = new WeakMap<ServerResponse, Span>();

  const fail = (span: Span, error: unknown): void => {
    span.recordException(error instanceof Error ? error : new Error(String(error)));
    span.setStatus({ code: errorStatus });
  };
  const endOn = (span: Span, { method = "" }: IncomingMessage, response: ServerResponse): void => {
    response.on("close", () => {
      span.setAttributes({ "http.request.method": method, "http.response.status_code": response.statusCode });
      if (response.statusCode >= 500) span.setStatus({ code: errorStatus });
      span.end();
    });
  };
  return {
    span(name, attributes, work) {
      const span = tracer.startSpan(name, { attributes });
      const inside = trace.setSpan(context.active(), span);
      try {
        const result = context.with(inside, work);
        if (!(result instanceof Promise)) {
          span.end();
          return result;
        }
        result.then(
          () => span.end(),
          (error) => {
            fail(span, error);
            span.end();
          },
        );
        return result;
      } catch (error) {
        fail(span, error);
        span.end();
        throw error;
      }
    },
    watch: (listener) => (request, response) => {
      const known = trace.getActiveSpan();
      if (known) {
        spans.set(response, known);
        return listener(request, response);
      }
      const parent = propagation.extract(context.active(), request.headers);
      const path = request.url?.split("?", 1)[0] ?? "";
      const options = { kind: serverKind, attributes: { "url.path": path } };
      const span = tracer.startSpan(request.method ?? "HTTP", options, parent);
      spans.set(response, span);
      endOn(span, request, response);
      context.with(trace.setSpan(parent, span), () => listener(request, response));
    },
    noteRoute(response, route) {
      const span = spans.get(response);
      span?.updateName(`${response.req.method} ${route}`);
      span?.setAttributes({ "http.route": route });
    },
  };
}
