/**
 * From a socket's request to an endpoint's answer: static files, hosts, routes, redirects to the final slash, and what is said
 * where there is nothing.
 *
 * find-my-way, the router of Fastify, finds the route; the lifecycle has made status, headers and body already, so they are
 * written as they are.
 * Reference: the middleware order of Django (security, static files, common).
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import Router from "find-my-way";
import { type Handle, Request } from "../resource/index.ts";
import { createCompress } from "./compression.ts";
import { createCors } from "./cors.ts";
import { createHosts } from "./hosts.ts";
import { createHttps } from "./https.ts";
import { createProxies } from "./proxies.ts";
import { createRequestIds } from "./request-ids.ts";
import { normalPath, originForm, paramsOf, type RoutedEndpoint, routesOf } from "./routes.ts";
import type { HttpSettings } from "./settings.ts";

/** An endpoint and the function that answers it. */
export interface Mounted {
  readonly endpoint: RoutedEndpoint;
  readonly handle: Handle;
}

export interface ListenerOptions {
  readonly settings: HttpSettings & { readonly trustedProxies: readonly string[] };
  readonly mounted: readonly Mounted[];
  /** Answers a static file and says so; tried first. */
  readonly serveStatic?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Answers what no route takes with a file at `/`, and says so. */
  readonly serveSite?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Answers with a file by its path within MEDIA_ROOT, with these headers as well. */
  readonly sendFile?: (request: IncomingMessage, response: ServerResponse, path: string) => void;
  /** Headers of every answer, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The page for a path where there is nothing. */
  readonly notFoundPage: string;
  /** Answers what no route takes, in place of that page; told the URL as it was sent. */
  readonly fallback?: RequestListener;
  /** Told which user an answer is for, for the access log. */
  readonly onAnswered?: (response: ServerResponse, userId: number | undefined) => void;
  /** Told which route answers, as a pattern such as `/api/v1/snacks/:pk/`, for the metrics. */
  readonly onRouted?: (response: ServerResponse, route: string) => void;
  /** Told once of each host that requests ask for and that is not allowed. */
  readonly onHostRefused?: (host: string) => void;
  /** Told of an answer that could not be sent: the client gets a bare 500, or the end of the connection. */
  readonly onError?: (error: unknown, request: IncomingMessage, requestId: string) => void;
}

/** The route of static files, for the metrics. */
export const staticRoute = "(static)";

/** Makes the listener of a server. */
export function createListener(options: ListenerOptions): RequestListener {
  const { settings, mounted, serveStatic, serveSite, sendFile, headers, notFoundPage, fallback } = options;
  const { onAnswered, onRouted, onHostRefused, onError } = options;
  const hostOf = createHosts(settings.allowedHosts, onHostRefused);
  const clientOf = createProxies(settings.trustedProxies);
  const idOf = createRequestIds(settings.trustedProxies);
  const compress = createCompress(settings.compressMinBytes);
  const cors = createCors(settings);
  const https = createHttps(settings);

  const html = (response: ServerResponse, status: number, body: string): void => {
    response.writeHead(status, {
      ...headers,
      "x-request-id": idOf(response.req),
      "content-type": "text/html",
      "content-security-policy": bareContentPolicy,
      "content-length": Buffer.byteLength(body),
    });
    response.end(response.req.method === "HEAD" ? undefined : body);
  };
  /** The URL as it was sent, where it was rewritten for the router. */
  const sent = new WeakMap<IncomingMessage, string>();
  const nothing: RequestListener = (request, response) => {
    request.url = sent.get(request) ?? request.url;
    if (serveSite?.(request, response)) return;
    if (!fallback) return html(response, 404, notFoundPage);
    // Whatever it throws, now or later, must not end the process.
    const answered = async () => fallback(request, response);
    answered().catch((error: unknown) => fail(error, request, response));
  };

  const answer = (
    handle: Handle,
    message: IncomingMessage,
    response: ServerResponse,
    params: Request["params"],
  ): void => {
    const host = hostOf(message.headers.host);
    if (host === undefined) {
      html(response, 400, badHostPage);
      return;
    }
    const { address, scheme } = clientOf(message);
    const id = idOf(message);
    handle(new Request({ message, params, host, address, scheme, id }))
      .then(({ status, headers, body, file, userId }) => {
        onAnswered?.(response, userId);
        // It took longer than RESPONSE_TIMEOUT, and was answered for.
        if (response.headersSent) return;
        headers["x-request-id"] = id;
        if (file !== undefined && sendFile) {
          for (const [name, value] of Object.entries(headers))
            if (name !== "content-length") response.setHeader(name, value);
          sendFile(message, response, file);
          return;
        }
        if (cors?.varies) headers.vary = headers.vary ? `${headers.vary}, Origin` : "Origin";
        const compressed = compress(message, headers, body);
        if (compressed)
          return compressed.then((bytes) => {
            if (!response.headersSent) response.writeHead(status, headers).end(bytes);
          });
        response.writeHead(status, headers);
        // As many bytes as characters: ASCII, which one copy writes.
        response.end(body, headers["content-length"] === body.length ? "latin1" : "utf8");
      })
      .catch((error: unknown) => fail(error, message, response));
  };

  const fail = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    onError?.(error, request, idOf(request));
    if (response.headersSent) response.destroy();
    else html(response, 500, faultPage);
  };

  const encrypts = settings.sslRedirect || https.hsts !== undefined;
  /** Whether a request came encrypted, or may come plain; or else its answer sends it to https. */
  const isEncrypted = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { scheme } = clientOf(request);
    if (scheme === "https" && https.hsts !== undefined) response.setHeader("strict-transport-security", https.hsts);
    const host = hostOf(request.headers.host);
    const location = host === undefined ? undefined : https.redirect(scheme, host, request.url ?? "/");
    if (location === undefined) return true;
    const status = request.method === "GET" || request.method === "HEAD" ? 301 : 308;
    response.writeHead(status, { location, "x-request-id": idOf(request), "content-length": 0 }).end();
    return false;
  };

  const router = Router({
    defaultRoute: nothing,
    onBadUrl: (_, request, response) => nothing(request, response),
    querystringParser: noParameters,
    // Keys are as long as a column lets them be; the length of a URL is bounded by the parser of HTTP.
    maxParamLength: 65_536,
  });
  for (const { endpoint, handle } of mounted) {
    const { answered, bare } = routesOf(endpoint, settings.appendSlash);
    const respond: Handler = (request, response, found) => {
      const params = paramsOf(found, endpoint.formatSuffix);
      if (params === undefined) nothing(request, response);
      else {
        onRouted?.(response, endpoint.path);
        answer(handle, request, response, params);
      }
    };
    for (const path of answered) router.all(path, respond);
    if (bare === undefined) continue;
    router.all(bare, (request: IncomingMessage, response: ServerResponse, found: Request["params"]) => {
      // Where a key may stand, there is none, or one with a suffix.
      if (found.pk === "" || (bare.endsWith(":pk") && found.pk?.includes("."))) respond(request, response, found);
      else redirect(request, response, { ...headers, "x-request-id": idOf(request) });
    });
  }

  return (request, response) => {
    request.url = originForm(request.url ?? "/");
    if (encrypts && !isEncrypted(request, response)) return;
    if (cors?.answerPreflight(request, response)) return;
    cors?.permit(request, response);
    if (serveStatic?.(request, response)) {
      onRouted?.(response, staticRoute);
      return;
    }
    const url = normalPath(request.url);
    if (url !== request.url) sent.set(request, request.url);
    request.url = url;
    router.lookup(request, response);
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse, params: Request["params"]) => void;

/** The query is read when it is asked for (`resource/query-parameters.ts`). */
const none = {};
const noParameters = () => none;

/** Bare pages have a style at most. */
const bareContentPolicy =
  "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

const badHostPage =
  "<!doctype html><title>Bad request</title><h1>Bad request</h1><p>This server does not answer to that host name.</p>";

const faultPage =
  "<!doctype html><title>Server error</title><h1>Server error</h1><p>Something went wrong on our side.</p>";

/** To the same path with its final slash; a 301 for every method, as clients of the reference know it. */
function redirect({ url = "/" }: IncomingMessage, response: ServerResponse, headers: ListenerOptions["headers"]): void {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const { "x-frame-options": _, ...others } = headers;
  // Two slashes at the start would name another host.
  const location = `${path.replace(/^\/{2,}/, "/")}/${mark < 0 || mark === url.length - 1 ? "" : url.slice(mark)}`;
  response.writeHead(301, { ...others, location, "content-type": "text/html; charset=utf-8", "content-length": 0 });
  response.end();
}
