/**
 * CORS: which other origins' pages may read what this server answers. None, unless they are named.
 *
 * Reference: the Fetch standard, "CORS protocol"; django-cors-headers, whose setting names these are.
 * Differs: every origin (`*`) and credentials exclude each other at start, where the reference echoes any origin.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConfigurationError } from "../errors.ts";
import type { HttpSettings } from "./settings.ts";

export interface Cors {
  /** Whether answers differ by the origin that asks. */
  readonly varies: boolean;
  /** Says in the answer's head what the page that asks may do with it. */
  permit(message: IncomingMessage, response: ServerResponse): void;
  /** Answers the question that browsers ask before a request that a form could not have sent. */
  answerPreflight(message: IncomingMessage, response: ServerResponse): boolean;
}

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/**
 * Reads the settings; undefined where no origin is named.
 * @throws ConfigurationError  every origin, with credentials
 */
export function createCors(settings: CorsSettings): Cors | undefined {
  const { corsAllowedOrigins, corsAllowCredentials, corsAllowHeaders, corsExposeHeaders, corsMaxAgeSeconds } = settings;
  if (corsAllowedOrigins.length === 0) return undefined;
  const isPublic = corsAllowedOrigins.includes("*");
  if (isPublic && corsAllowCredentials)
    throw new ConfigurationError(
      "CORS_ALLOWED_ORIGINS",
      "with CORS_ALLOW_CREDENTIALS the pages of every site could act in a visitor's name; expected origins in place of *",
    );
  const allows = originMatcher(corsAllowedOrigins);
  const credentials: Readonly<Record<string, string>> = corsAllowCredentials
    ? { "access-control-allow-credentials": "true" }
    : {};
  const exposed = corsExposeHeaders.length > 0 ? { "access-control-expose-headers": corsExposeHeaders.join(", ") } : {};
  const plain = Object.entries({ ...credentials, ...exposed });
  const preflight = {
    ...credentials,
    "access-control-allow-methods": methods,
    "access-control-allow-headers": corsAllowHeaders.join(", "),
    "access-control-max-age": String(corsMaxAgeSeconds),
  };
  const allowed = (origin: string | undefined): string | undefined => {
    if (isPublic) return "*";
    return origin !== undefined && allows(origin) ? origin : undefined;
  };
  return {
    varies: !isPublic,
    permit({ headers: { origin } }, response) {
      if (!isPublic) response.setHeader("vary", "Origin");
      const given = allowed(origin);
      if (given === undefined) return;
      response.setHeader("access-control-allow-origin", given);
      for (const [name, value] of plain) response.setHeader(name, value);
    },
    answerPreflight({ method, headers }, response) {
      if (method !== "OPTIONS" || headers.origin === undefined) return false;
      if (headers["access-control-request-method"] === undefined) return false;
      const given = allowed(headers.origin);
      // A page that is not allowed is told nothing, which its browser takes for a no.
      const said = given === undefined ? {} : { ...preflight, "access-control-allow-origin": given };
      response.writeHead(204, {
        ...said,
        vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
      });
      response.end();
      return true;
    },
  };
}

type CorsSettings = Pick<
  HttpSettings,
  "corsAllowedOrigins" | "corsAllowCredentials" | "corsAllowHeaders" | "corsExposeHeaders" | "corsMaxAgeSeconds"
>;

/** `https://*.example.com` is every host below that domain, by the same scheme and port. */
function originMatcher(patterns: readonly string[]): (origin: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")).map((origin) => origin.toLowerCase()));
  const below = patterns.flatMap((pattern) => {
    const [scheme = "", domain] = pattern.toLowerCase().split("://*");
    return domain === undefined ? [] : [{ start: `${scheme}://`, end: domain }];
  });
  return (origin) =>
    exact.has(origin) ||
    below.some(
      ({ start, end }) => origin.startsWith(start) && origin.endsWith(end) && origin.length > start.length + end.length,
    );
}
