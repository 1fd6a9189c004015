/**
 * The life of one request, in order: negotiate, authenticate, permit, throttle, act, render.
 *
 * Every endpoint is compiled to one such function at start. Errors thrown by any step become responses here and nowhere else.
 * Reference: rest_framework.views.APIView.dispatch and .initial (the order of the steps is theirs).
 */
import { DatabaseUnavailable } from "../db/index.ts";
import { ApiError, MethodNotAllowed, ServiceUnavailable } from "../errors.ts";
import { authenticate } from "./authentication.ts";
import { Context } from "./context.ts";
import { allowedMethods, type Endpoint, type Result } from "./endpoint.ts";
import { describe } from "./metadata.ts";
import { negotiate } from "./negotiation.ts";
import { permit } from "./permit.ts";
import type { Request } from "./request.ts";
import type { Services } from "./services.ts";
import { throttle } from "./throttling.ts";

export interface Response {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string | number | string[]>;
  readonly body: string;
  /** Key of the signed-in user, for the access log. */
  readonly userId?: number;
}

export type Handle = (request: Request) => Promise<Response>;

/** Compiles an endpoint to the function that answers its requests. It never rejects. */
export function lifecycle(endpoint: Endpoint, services: Services): Handle {
  const headers = { ...services.headers, allow: allowedMethods(endpoint).join(", ") };
  const { length: renderers } = endpoint.renderers;

  return async (request) => {
    services.database.refresh();
    const context = new Context(request, endpoint, services);
    let result: Result;
    try {
      negotiate(context);
      await authenticate(context);
      if (context.renderer.prepare) await context.renderer.prepare(context);
      await permit(context);
      await throttle(context);
      result = await act(context);
    } catch (error) {
      result = toResult(error, context);
    }
    return render(result, context);
  };

  async function render(result: Result, context: Context): Promise<Response> {
    const { renderer, request } = context;
    let { status } = result;
    let body = "";
    if (result.data !== undefined || renderer.alwaysHasBody) {
      try {
        const rendered = renderer.render(result, context);
        body = rendered instanceof Promise ? await rendered : rendered;
        if (status === 204) status = 200;
      } catch (error) {
        services.onError(error, request);
        status = 500;
      }
    }
    const response: Response["headers"] = { ...headers, ...renderer.headers, ...result.headers };
    if (renderers > 1) response.vary = context.varies;
    if (body !== "") response["content-type"] ??= renderer.contentType;
    if (context.cookies) response["set-cookie"] = context.cookies;
    if (status !== 204) response["content-length"] = Buffer.byteLength(body);
    return { status, headers: response, body: request.method === "HEAD" ? "" : body, userId: context.user?.id };
  }
}

async function act(context: Context): Promise<Result> {
  const { action, method } = context;
  if (action) return action.run(context);
  if (method === "OPTIONS") return { status: 200, data: await describe(context) };
  throw new MethodNotAllowed(method);
}

/** The one place where an error becomes a response. */
function toResult(error: unknown, context: Context): Result {
  const known = error instanceof DatabaseUnavailable ? new ServiceUnavailable(undefined, { cause: error }) : error;
  if (!(known instanceof ApiError)) {
    context.services.onError(error, context.request);
    return { status: 500, data: { detail: "Something went wrong on our side." } };
  }
  if (known.status >= 500) context.services.onError(error, context.request);
  const { authenticators } = context.endpoint;
  const challenge = context.endpoint.challenge ?? authenticators[0]?.challenge;
  const { headers } = known;
  if (known.status !== 401) return { status: known.status, data: known.body(), headers };
  // Without a challenge a 401 would break RFC 9110 section 11.6.1, so it is a 403 then.
  if (challenge === undefined) return { status: 403, data: known.body(), headers };
  return { status: 401, data: known.body(), headers: { ...headers, "www-authenticate": challenge } };
}
