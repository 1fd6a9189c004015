/**
 * Which answers may be given from memory before the listener is asked: those to which it would add nothing but a header.
 *
 * Reference: `listener.ts`, whose order of steps this is a part of.
 */
import type { IncomingMessage } from "node:http";
import { createHttps } from "./https.ts";
import { createProxies } from "./proxies.ts";
import type { HttpSettings } from "./settings.ts";

export type HeadOfRequest = Pick<IncomingMessage, "method" | "url" | "headers" | "socket">;

interface Held {
  readonly headers: readonly string[];
}

/**
 * Wraps a function that finds such answers; undefined where the settings let none be given.
 * Left to the listener: everything where other origins are named, and plain requests that are sent to https.
 */
export function permitHeld<Answer extends Held>(
  find: (head: HeadOfRequest) => Answer | undefined,
  settings: HttpSettings & { readonly trustedProxies: readonly string[] },
): ((head: HeadOfRequest) => (Omit<Answer, "headers"> & Held) | undefined) | undefined {
  if (settings.corsAllowedOrigins.length > 0) return undefined;
  const { hsts } = createHttps(settings);
  if (!settings.sslRedirect && hsts === undefined) return find;
  const clientOf = createProxies(settings.trustedProxies);
  const withHsts = new WeakMap<readonly string[], readonly string[]>();
  return (head) => {
    const isEncrypted = clientOf(head).scheme === "https";
    if (settings.sslRedirect && !isEncrypted) return undefined;
    const answer = find(head);
    if (answer === undefined || hsts === undefined || !isEncrypted) return answer;
    const { headers: given } = answer;
    const headers = withHsts.get(given) ?? ["Strict-Transport-Security", hsts, ...given];
    withHsts.set(given, headers);
    return { ...answer, headers };
  };
}
