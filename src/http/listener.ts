/**
 * From a socket's request to an endpoint's answer: static files, hosts, routes, redirects to the final slash, and what is said
 * where there is nothing.
 *
 * Fastify routes; the answer is written by us, since the lifecycle has made every header already.
 * Reference: the middleware order of Django (security, static files, common).
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type Handle, Request } from "../resource/index.ts";
import { createHosts } from "./hosts.ts";
import { createProxies } from "./proxies.ts";
import { decodeSlashes, paramsOf, type RoutedEndpoint, routesOf } from "./routes.ts";
import type { HttpSettings } from "./settings.ts";

/** An endpoint and the function that answers it. */
export interface Mounted {
  readonly endpoint: RoutedEndpoint;
  readonly handle: Handle;
}

export interface ListenerOptions {
  readonly settings: Pick<HttpSettings, "allowedHosts" | "appendSlash"> & {
    readonly trustedProxies: readonly string[];
  };
  readonly mounted: readonly Mounted[];
  /** Answers a static file and says so; tried first. */
  readonly serveStatic?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Headers of every answer, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The page for a path where there is nothing. */
  readonly notFoundPage: string;
  /** Adds routes or plugins of the user's own. */
  readonly extend?: (fastify: FastifyInstance) => void | Promise<void>;
  /** Told which user an answer is for, for the access log. */
  readonly onAnswered?: (response: ServerResponse, userId: number | undefined) => void;
}

/** Makes the listener of a server; ready when it resolves. */
export async function createListener(options: ListenerOptions): Promise<RequestListener> {
  const { settings, mounted, serveStatic, headers, notFoundPage, onAnswered } = options;
  const hostOf = createHosts(settings.allowedHosts);
  const clientOf = createProxies(settings.trustedProxies);
  const fastify = Fastify({
    rewriteUrl: ({ url = "/" }) => decodeSlashes(url),
    frameworkErrors: (_error, request, reply) => {
      reply.hijack();
      notFound(request.raw, reply.raw);
    },
  });
  const method = fastify.supportedMethods;

  const html = (response: ServerResponse, status: number, body: string, contentType = "text/html"): void => {
    response.writeHead(status, { ...headers, "content-type": contentType, "content-length": Buffer.byteLength(body) });
    response.end(response.req.method === "HEAD" ? undefined : body);
  };
  const notFound = (_request: IncomingMessage, response: ServerResponse): void => html(response, 404, notFoundPage);

  const answer = async (
    handle: Handle,
    message: IncomingMessage,
    response: ServerResponse,
    params: Request["params"],
  ): Promise<void> => {
    const host = hostOf(message.headers.host);
    if (host === undefined) return html(response, 400, badHostPage);
    const {
      status,
      headers: own,
      body,
      userId,
    } = await handle(new Request({ message, params, host, ...clientOf(message) }));
    onAnswered?.(response, userId);
    response.writeHead(status, own);
    response.end(body);
  };

  const redirect = (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const { "x-frame-options": _, ...others } = headers;
    const location = `${path.replace(/^\/{2,}/, "/")}/${mark < 0 ? "" : url.slice(mark)}`;
    response.writeHead(301, { ...others, location, "content-type": "text/html; charset=utf-8", "content-length": 0 });
    response.end();
  };

  for (const { endpoint, handle } of mounted) {
    const { answered, bare } = routesOf(endpoint, settings.appendSlash);
    const respond: Handler = (request, reply) => {
      reply.hijack();
      const params = paramsOf(request.params as Request["params"], endpoint.formatSuffix);
      if (params === undefined) return notFound(request.raw, reply.raw);
      void answer(handle, request.raw, reply.raw, params);
    };
    for (const url of answered) fastify.route({ method, url, onRequest: respond, handler: unreachable });
    if (bare === undefined) continue;
    const toSlash: Handler = (request, reply) => {
      if (bare.endsWith(":pk") && (request.params as { pk: string }).pk.includes(".")) return respond(request, reply);
      reply.hijack();
      redirect(request.raw, reply.raw);
    };
    fastify.route({ method, url: bare, onRequest: toSlash, handler: unreachable });
  }
  fastify.setNotFoundHandler((request, reply) => {
    reply.hijack();
    notFound(request.raw, reply.raw);
  });
  await options.extend?.(fastify);
  await fastify.ready();

  return (request, response) => {
    if (serveStatic?.(request, response)) return;
    fastify.routing(request, response);
  };
}

const badHostPage =
  "<!doctype html><title>Bad request</title><h1>Bad request</h1><p>This server does not answer to that host name.</p>";

/** Requests are taken over before Fastify would read a body: the actions do that, after permissions. */
const unreachable = (): never => {
  throw new Error("the request was answered before");
};

type Handler = (request: FastifyRequest, reply: FastifyReply) => void;
