/**
 * The life of one request, in order: negotiate, authenticate, permit, throttle, act, render.
 *
 * Every endpoint is compiled to one such function at start. Errors thrown by any step become responses here and nowhere else.
 * Reference: rest_framework.views.APIView.dispatch and .initial (the order of the steps is theirs).
 */
import { type Awaitable, DatabaseUnavailable, OutcomeUnknown } from "../db/index.ts";
import { ApiError, MethodNotAllowed, OutcomeUncertain, PreconditionFailed, ServiceUnavailable } from "../errors.ts";
import { authenticate } from "./authentication.ts";
import { etagKnownBy, etagOfAnswer, hasEtag, matches, matchesWeakly } from "./conditional.ts";
import { Context } from "./context.ts";
import { allowedMethods, type Endpoint, type Result } from "./endpoint.ts";
import { describe } from "./metadata.ts";
import { negotiate } from "./negotiation.ts";
import { compilePermit } from "./permit.ts";
import { toJson } from "./renderers.ts";
import type { Request } from "./request.ts";
import type { Services } from "./services.ts";
import { throttle } from "./throttling.ts";

export interface Response {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string | number | string[]>;
  readonly body: string;
  /** Sent in place of the body: the path of a file within MEDIA_ROOT. */
  readonly file?: string;
  /** Key of the signed-in user, for the access log. */
  readonly userId?: number;
}

export type Handle = (request: Request) => Promise<Response>;

/** Compiles an endpoint to the function that answers its requests. It never rejects. */
export function lifecycle(endpoint: Endpoint, services: Services): Handle {
  const permit = compilePermit(endpoint.permissions);
  const headersOf = compileHeaders(endpoint, services);

  return async (request) => {
    const context = new Context(request, endpoint, services);
    let result: Result;
    try {
      negotiate(context);
      // The steps are awaited only where they have to wait: most requests find everything in this turn of the event loop.
      const known = authenticate(context);
      if (known) await known;
      if (context.renderer.prepare) await context.renderer.prepare(context);
      const allowed = permit(context);
      if (allowed) await allowed;
      if (endpoint.throttleScope !== undefined) await throttle(context, endpoint.throttleScope);
      const acted = act(context);
      result = acted instanceof Promise ? await acted : acted;
    } catch (error) {
      result = toResult(error, context);
    }
    const { renderer, user } = context;
    let { status } = result;
    let body: Response["body"] = "";
    if (result.data !== undefined || (renderer.alwaysHasBody && result.file === undefined)) {
      try {
        const rendered = renderer.render(result, context);
        body = typeof rendered === "string" ? rendered : await rendered;
        if (status === 204) status = 200;
      } catch (error) {
        services.onError(error, request);
        // What shows answers is what failed.
        result = { ...fault, headers: { "content-type": "application/json" } };
        status = result.status;
        body = toJson(result.data);
      }
    }
    const ended = context.end();
    if (ended) await ended;
    const isTagged = body !== "" && hasEtag(context, result);
    let etag = isTagged ? etagOfAnswer(context, result, body) : undefined;
    if (etag !== undefined && context.isSafe) {
      const { ifMatch, ifNoneMatch } = context;
      if (ifMatch !== undefined && !matches(ifMatch, etag)) {
        result = toResult(new PreconditionFailed(), context);
        status = result.status;
        body = toJson(result.data);
      } else if (ifNoneMatch !== undefined && matchesWeakly(ifNoneMatch, etag)) {
        status = 304;
        body = "";
        etag = etagKnownBy(ifNoneMatch, etag);
      }
    }
    const headers = headersOf(context, result, status, body);
    if (etag !== undefined && status < 400) headers.etag = etag;
    const { file } = result;
    return { status, headers, body: request.method === "HEAD" ? "" : body, file, userId: user?.id };
  };
}

/** What is the same in every answer of an endpoint is put together once, by renderer. */
function compileHeaders(endpoint: Endpoint, services: Services) {
  const common = { ...services.headers, allow: allowedMethods(endpoint).join(", ") };
  const byRenderer = new Map(endpoint.renderers.map((renderer) => [renderer, { ...common, ...renderer.headers }]));
  const isNegotiated = endpoint.renderers.length > 1;
  return (
    { renderer, varies, cookies }: Context,
    result: Result,
    status: number,
    body: Response["body"],
  ): Response["headers"] => {
    const headers: Response["headers"] = { ...(byRenderer.get(renderer) ?? common) };
    if (result.headers) Object.assign(headers, result.headers);
    if (isNegotiated) headers.vary = varies;
    if (body !== "") headers["content-type"] ??= renderer.contentType;
    if (cookies) headers["set-cookie"] = cookies;
    if (status !== 204 && status !== 304) headers["content-length"] = Buffer.byteLength(body);
    return headers;
  };
}

function act(context: Context): Awaitable<Result> {
  const { action, method } = context;
  if (action) return action.run(context);
  if (method === "OPTIONS") return describe(context).then((data) => ({ status: 200, data }));
  throw new MethodNotAllowed(method);
}

function unavailable(cause: DatabaseUnavailable, context: Context): ServiceUnavailable {
  if (!(cause instanceof OutcomeUnknown)) return new ServiceUnavailable(undefined, { cause });
  // A row may name them.
  context.keepFiles();
  return new OutcomeUncertain({ cause });
}

const fault: Result = { status: 500, data: { detail: "Something went wrong on our side." } };

/** The one place where an error becomes a response. */
function toResult(error: unknown, context: Context): Result {
  const known = error instanceof DatabaseUnavailable ? unavailable(error, context) : error;
  if (!(known instanceof ApiError)) {
    context.services.onError(error, context.request);
    return fault;
  }
  if (known.status >= 500) context.services.onError(error, context.request);
  const { authenticators } = context.endpoint;
  const challenge = context.endpoint.challenge ?? authenticators[0]?.challenge;
  const { headers } = known;
  if (known.status === 403 && context.user) context.services.onDenied?.(context);
  if (known.status !== 401) return { status: known.status, data: known.body(), headers };
  // Without a challenge a 401 would break RFC 9110 section 11.6.1, so it is a 403 then.
  if (challenge === undefined) return { status: 403, data: known.body(), headers };
  return { status: 401, data: known.body(), headers: { "www-authenticate": challenge, ...headers } };
}
