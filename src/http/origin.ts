/** How an origin is written in a setting. */
import type { Parser } from "../config/index.ts";

/** Django's forms of CSRF_TRUSTED_ORIGINS. */
export const origin: Parser<string> = {
  expected: "an origin with its scheme such as https://shop.example.com or https://*.example.com",
  read: (given) => {
    const text = typeof given === "string" ? given : "";
    const bare = text.replace("://*.", "://").toLowerCase();
    return /^https?:\/\/[^*]+$/.test(bare) && URL.parse(bare)?.origin === bare ? text : undefined;
  },
};

/** The same, or `*` for every one. */
export const originOrAll: Parser<string> = {
  expected: `${origin.expected}, or "*"`,
  read: (given) => (given === "*" ? given : origin.read(given)),
};
