/** The settings of encrypted connections, by Django's names. */
import { boolean, defineSettings, integer, list, text } from "../config/index.ts";

export const httpsSettings = defineSettings({
  sslRedirect: {
    name: "SECURE_SSL_REDIRECT",
    default: false,
    parse: boolean(),
    description: "Send plain http requests to https.",
  },
  sslHost: {
    name: "SECURE_SSL_HOST",
    default: "",
    parse: text(),
    description: "Host, with a port where it has one, that they are sent to; empty for the one that was asked for.",
  },
  redirectExempt: {
    name: "SECURE_REDIRECT_EXEMPT",
    default: ["/livez", "/readyz"],
    parse: list(text({ minLength: 1 })),
    description: "Paths that may be asked without encryption all the same.",
  },
  hstsSeconds: {
    name: "SECURE_HSTS_SECONDS",
    default: 0,
    parse: integer({ min: 0 }),
    unit: "seconds",
    description: "Time for which browsers ask this host by https alone (Strict-Transport-Security); 0 for not at all.",
  },
  hstsIncludeSubdomains: {
    name: "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    default: false,
    parse: boolean(),
    description: "Whether that holds for its subdomains, too.",
  },
  hstsPreload: {
    name: "SECURE_HSTS_PRELOAD",
    default: false,
    parse: boolean(),
    description: "Whether browsers may ship with that knowledge.",
  },
});
