/** The settings of tokens in cookies. */
import { boolean, defineSettings, oneOf, type ValuesOf } from "../config/index.ts";

export const tokenCookieSettings = defineSettings({
  tokenCookies: {
    name: "TOKEN_COOKIES",
    default: false,
    parse: boolean(),
    description: "Pages may sign in at /api/token/cookie/ and keep their tokens in cookies that scripts cannot read.",
  },
  tokenCookieSameSite: {
    name: "TOKEN_COOKIE_SAMESITE",
    default: "Lax",
    parse: oneOf("Lax", "Strict", "None"),
    description: "From where browsers send these cookies; None where the pages are on another site.",
  },
});

export type TokenCookieSettings = ValuesOf<typeof tokenCookieSettings>;
