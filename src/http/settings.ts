/** The settings of what stands between a socket and an endpoint. */
import { boolean, defineSettings, integer, list, text, type ValuesOf } from "../config/index.ts";

export const httpSettings = defineSettings({
  allowedHosts: {
    name: "ALLOWED_HOSTS",
    default: ["127.0.0.1", "localhost", "[::1]"],
    parse: list(text({ minLength: 1 })),
    flag: "allowed-hosts",
    description: 'Host names that requests may ask for; ".example.com" stands for its subdomains too, "*" for any.',
  },
  trustedOrigins: {
    name: "CSRF_TRUSTED_ORIGINS",
    default: [],
    parse: list(text({ minLength: 1 })),
    description: "Other origins, such as https://shop.example.com, whose pages may send forms to this server.",
  },
  maxBodyBytes: {
    name: "MAX_BODY_BYTES",
    default: 2_621_440,
    parse: integer({ min: 1 }),
    unit: "bytes",
    description: "Largest request body that is read.",
  },
  appendSlash: {
    name: "APPEND_SLASH",
    default: true,
    parse: boolean(),
    description: "Redirect a path without its final slash to the one with it.",
  },
  staticDirectory: {
    name: "STATIC_DIR",
    default: "",
    parse: text(),
    flag: "static-dir",
    description: "Folder whose files are served under /static/, beside those of the pages; empty for none.",
  },
  staticRoot: {
    name: "STATIC_ROOT",
    default: "",
    defaultText: "the folder .static beside the app file",
    parse: text(),
    flag: "static-root",
    description:
      "Folder that static files are collected into, hashed and compressed; production serves them from there.",
  },
});

export type HttpSettings = ValuesOf<typeof httpSettings>;
