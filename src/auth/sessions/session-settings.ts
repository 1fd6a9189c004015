/** The settings of sessions and of the cookies that browsers carry; the names are Django's, but for the idle time. */
import { defineSettings, type Parser, secondsOrDuration, type ValuesOf } from "../../config/index.ts";

/** RFC 6265 4.1.1: a cookie's name is a token of RFC 2616. */
const cookieName: Parser<string> = {
  expected: "a name of letters, digits and !#$%&'*+-.^_`|~",
  read: (given) => (typeof given === "string" && /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/.test(given) ? given : undefined),
};

const cookieDomain: Parser<string> = {
  expected: "a domain such as .example.com, or nothing",
  read: (given) => (typeof given === "string" && /^(\.?[a-z0-9-]+(\.[a-z0-9-]+)*)?$/i.test(given) ? given : undefined),
};

export const sessionSettings = defineSettings({
  sessionLifetimeSeconds: {
    name: "SESSION_COOKIE_AGE",
    default: 1_209_600,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a session lasts from its login, however much it is used.",
  },
  sessionIdleSeconds: {
    name: "SESSION_IDLE_TIMEOUT",
    default: 0,
    parse: secondsOrDuration({ min: 0 }),
    unit: "seconds",
    description: "How long a session lasts without being used; 0 for no such end.",
  },
  sessionCookieName: {
    name: "SESSION_COOKIE_NAME",
    default: "sessionid",
    parse: cookieName,
    description: "Cookie of a signed-in browser.",
  },
  sessionCookieDomain: {
    name: "SESSION_COOKIE_DOMAIN",
    default: "",
    defaultText: "the host of the request",
    parse: cookieDomain,
    description: "Domain whose hosts share the session cookie.",
  },
  csrfCookieName: {
    name: "CSRF_COOKIE_NAME",
    default: "csrftoken",
    parse: cookieName,
    description: "Cookie that forms of this browser are checked against.",
  },
  csrfCookieDomain: {
    name: "CSRF_COOKIE_DOMAIN",
    default: "",
    defaultText: "the host of the request",
    parse: cookieDomain,
    description: "Domain whose hosts share that cookie.",
  },
});

export type SessionSettings = ValuesOf<typeof sessionSettings>;
