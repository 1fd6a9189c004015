/**
 * Encrypted or not at all: plain requests are sent to https, and browsers are told to remember it.
 *
 * Reference: django.middleware.security (SECURE_SSL_REDIRECT, SECURE_HSTS_SECONDS and their like); RFC 6797.
 * Differs: what is no GET or HEAD is redirected with 308, so that clients keep method and body.
 */
import type { HttpSettings } from "./settings.ts";

export interface Https {
  /** Where a plain request is to go; undefined where it may stay. */
  redirect(scheme: "http" | "https", host: string, url: string): string | undefined;
  /** What browsers are told; undefined for nothing. */
  readonly hsts: string | undefined;
}

type HttpsSettings = Pick<
  HttpSettings,
  "sslRedirect" | "sslHost" | "hstsSeconds" | "hstsIncludeSubdomains" | "hstsPreload" | "redirectExempt"
>;

export function createHttps(settings: HttpsSettings): Https {
  const { sslRedirect, sslHost, hstsSeconds, hstsIncludeSubdomains, hstsPreload, redirectExempt } = settings;
  const exempt = new Set(redirectExempt);
  return {
    redirect(scheme, host, url) {
      if (!sslRedirect || scheme === "https" || exempt.has(url.split("?", 1)[0] ?? "")) return undefined;
      return `https://${sslHost || host}${url}`;
    },
    hsts:
      hstsSeconds === 0
        ? undefined
        : `max-age=${hstsSeconds}${hstsIncludeSubdomains ? "; includeSubDomains" : ""}${hstsPreload ? "; preload" : ""}`,
  };
}
