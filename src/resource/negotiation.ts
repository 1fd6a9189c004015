/**
 * Which renderer answers: by `?format=` or a suffix first, then by the Accept header.
 * Reference: rest_framework.negotiation.DefaultContentNegotiation (RFC 9110 section 12.5.1 without quality values).
 */
import { NotAcceptable, NotFound } from "../errors.ts";
import type { Context } from "./context.ts";
import type { Renderer } from "./renderers.ts";

interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** 0 for any type, 1 for any subtype, 2 for a type, 3 for a type with parameters. */
  readonly precedence: number;
}

/**
 * Chooses the renderer and leaves it in the context, where the first one stands.
 * @throws NotFound       the format is not offered
 * @throws NotAcceptable  no accepted media type is offered
 */
export function negotiate(context: Context): void {
  const { endpoint, request } = context;
  if (endpoint.isPage) return;
  const format = request.params.format ?? (request.query.get("format") || undefined);
  let offered: readonly Renderer[] = endpoint.renderers;
  if (format !== undefined) {
    offered = offered.filter((renderer) => renderer.format === format);
    if (offered.length === 0) throw new NotFound(`There is no format "${format}" here.`);
  }
  const accept = request.headers.accept ?? "*/*";
  if (accept === "application/json" && offered[0]?.format === "json") {
    context.renderer = offered[0];
    return;
  }
  const choice = choose(accept, offered);
  if (!choice) throw new NotAcceptable(endpoint.renderers.map(({ mediaType }) => mediaType));
  context.renderer = choice.renderer;
  context.mediaParameters = choice.parameters;
}

function choose(
  accept: string,
  offered: readonly Renderer[],
): { renderer: Renderer; parameters: MediaRange["parameters"] } | undefined {
  const ranges = accept.split(",").map(parseRange);
  // The most specific ranges are tried first; among equals the server's own order decides.
  for (let precedence = 3; precedence >= 0; precedence--) {
    const level = ranges.filter((range) => range.precedence === precedence);
    for (const renderer of offered) {
      const range = level.find((one) => matches(renderer.mediaType, one.type));
      if (range) return { renderer, parameters: range.parameters };
    }
  }
  return undefined;
}

function parseRange(text: string): MediaRange {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const equals = part.indexOf("=");
    if (equals > 0)
      parameters[part.slice(0, equals).trim().toLowerCase()] = part
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1");
  }
  const [main, sub] = type.split("/");
  const hasParameters = Object.keys(parameters).some((name) => name !== "q");
  return {
    type: type.toLowerCase(),
    parameters,
    precedence: main === "*" ? 0 : sub === "*" ? 1 : hasParameters ? 3 : 2,
  };
}

function matches(mediaType: string, range: string): boolean {
  if (range === "*/*") return true;
  const [main, sub, rest] = range.split("/");
  const [ownMain, ownSub] = mediaType.split("/");
  return rest === undefined && (main === "*" || main === ownMain) && (sub === "*" || sub === ownSub);
}
