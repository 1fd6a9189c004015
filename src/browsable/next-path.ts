/**
 * Where to go after login or logout: what `next` asks for, if that is on this host.
 * Reference: django.utils.http.url_has_allowed_host_and_scheme.
 */
import type { Request } from "../resource/index.ts";

/** A path on this host. @param fallback  where `next` is missing, malformed, or leads elsewhere */
export function nextPath(next: string | undefined, request: Request, fallback: string): string {
  if (!next) return fallback;
  const here = URL.parse(request.absolute("/"));
  const url = URL.parse(next, here?.href);
  if (!here || url?.origin !== here.origin) return fallback;
  const path = url.pathname + url.search + url.hash;
  // `/.//evil.example` is a path of this host whose normal form a browser would take for another host.
  return path.startsWith("//") ? fallback : path;
}
