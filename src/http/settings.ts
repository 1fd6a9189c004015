/** The settings of what stands between a socket and an endpoint. */
import { boolean, defineSettings, integer, list, type Parser, type ValuesOf } from "../config/index.ts";
import { corsSettings } from "./cors-settings.ts";
import { httpsSettings } from "./https-settings.ts";
import { origin } from "./origin.ts";

/** A pattern that can match: Django's forms of ALLOWED_HOSTS. */
const host: Parser<string> = {
  expected: 'a host name or address without a port, ".example.com" for a domain with its subdomains, or "*"',
  read: (given) =>
    typeof given === "string" && /^(\*|\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[a-f0-9:.]+\])$/i.test(given) ? given : undefined,
};

export const httpSettings = defineSettings({
  allowedHosts: {
    name: "ALLOWED_HOSTS",
    default: ["127.0.0.1", "localhost", "[::1]"],
    parse: list(host),
    flag: "allowed-hosts",
    description: 'Host names that requests may ask for; ".example.com" stands for its subdomains too, "*" for any.',
  },
  trustedOrigins: {
    name: "CSRF_TRUSTED_ORIGINS",
    default: [],
    parse: list(origin),
    description: "Other origins, such as https://shop.example.com, whose pages may send forms to this server.",
  },
  maxBodyBytes: {
    name: "MAX_BODY_BYTES",
    default: 2_621_440,
    parse: integer({ min: 1 }),
    unit: "bytes",
    description: "Largest request body that is read.",
  },
  compressMinBytes: {
    name: "COMPRESS_MIN_BYTES",
    default: 1024,
    parse: integer({ min: 0 }),
    unit: "bytes",
    description: "Length from which answers are compressed for clients that take it; 0 for never.",
  },
  ...corsSettings,
  ...httpsSettings,
  appendSlash: {
    name: "APPEND_SLASH",
    default: true,
    parse: boolean(),
    description: "Redirect a path without its final slash to the one with it.",
  },
});

export type HttpSettings = ValuesOf<typeof httpSettings>;
