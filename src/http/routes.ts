/**
 * The paths under which an endpoint is reached: its own, the same with a format suffix, and those that lead to it.
 * Reference: rest_framework.urlpatterns.format_suffix_patterns, django.middleware.common (APPEND_SLASH).
 */
import type { Endpoint, Request } from "../resource/index.ts";

export interface Routes {
  /** Answered by the endpoint. */
  readonly answered: readonly string[];
  /** Without its final slash: redirected, unless a key there carries a suffix (`7.json`). */
  readonly bare?: string;
}

export type RoutedEndpoint = Pick<Endpoint, "path" | "formatSuffix" | "isRoot">;

/** The routes of an endpoint; a path that does not end in a slash stands for itself alone. */
export function routesOf({ path, formatSuffix, isRoot }: RoutedEndpoint, appendSlash: boolean): Routes {
  if (!path.endsWith("/")) return { answered: [path] };
  const bare = appendSlash && path !== "/" ? path.slice(0, -1) : undefined;
  // A suffix behind a key is taken apart by `paramsOf`: in a router, `:pk` would swallow it.
  if (!formatSuffix || path.endsWith(":pk/")) return { answered: [path], bare };
  const stem = path.slice(0, -1);
  const suffixed = `${isRoot ? path : stem}.:format`;
  return { answered: [path, suffixed, `${suffixed}/`], bare };
}

/** The placeholders of a route, with a suffix behind the key taken apart; undefined where there is no key or no such suffix. */
export function paramsOf(params: Request["params"], formatSuffix: boolean): Request["params"] | undefined {
  const { pk } = params;
  if (pk === "") return undefined;
  if (pk === undefined || !pk.includes(".")) return params;
  const [, key, format] = /^([^.]+)\.([a-z0-9]+)$/.exec(pk) ?? [];
  return formatSuffix && key !== undefined && format !== undefined ? { ...params, pk: key, format } : undefined;
}

/** `http://shop.example.com/books/` is `/books/`: clients may name the host here, too (RFC 9112 section 3.2.2). */
export function originForm(url: string): string {
  if (url.startsWith("/")) return url;
  return /^https?:\/\/[^/?#]*/i.test(url) ? url.replace(/^https?:\/\/[^/?#]*\/?/i, "/") : url;
}

/**
 * A URL whose path is spelled the one way that links have: `book%73%2F` is `books/`. A percent sign that begins no escape, and
 * bytes that are no UTF-8, stand for themselves. What follows `#` is no concern of a server.
 * Reference: django.core.handlers.wsgi.get_path_info, django.utils.encoding.escape_uri_path and .repercent_broken_unicode.
 */
export function normalPath(url: string): string {
  const hash = url.indexOf("#");
  const asked = hash < 0 ? url : url.slice(0, hash);
  const mark = asked.indexOf("?");
  const path = mark < 0 ? asked : asked.slice(0, mark);
  if (!/[^\w/:@&+$,\-.!~*'()]/.test(path)) return asked;
  return encodePath(decodePath(path)) + (mark < 0 ? "" : asked.slice(mark));
}

function decodePath(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return decodeRuns(escapes);
    }
  });
}

/** Escapes of which some are no UTF-8: those stay as they are. */
const decodeRuns = (escapes: string): string =>
  escapes.replace(/%[0-7].|%[cd].%[89ab].|%e.(?:%[89ab].){2}|%f.(?:%[89ab].){3}/gi, (one) => {
    try {
      return decodeURIComponent(one);
    } catch {
      return one;
    }
  });

const encodePath = (path: string): string =>
  encodeURIComponent(path).replace(/%(2F|3A|40|26|2B|24|2C)/g, (plain) => decodeURIComponent(plain));
