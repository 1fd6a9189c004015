/** The settings of sessions of tokens, and of how what has ended is noticed and removed; the reference has none of them. */
import { boolean, defineSettings, integer, secondsOrDuration } from "../../config/index.ts";

export const tokenSessionSettings = defineSettings({
  tokenSessionSeconds: {
    name: "TOKEN_SESSION_AGE",
    default: 0,
    parse: secondsOrDuration({ min: 0 }),
    unit: "seconds",
    description: "How long after a sign-in its tokens can be refreshed, however much they are used; 0 for no end.",
  },
  refreshGraceSeconds: {
    name: "REFRESH_GRACE_PERIOD",
    default: 10,
    parse: secondsOrDuration({ min: 0, max: 300 }),
    unit: "seconds",
    description: "How long a used refresh token still gives its successor; after that its session ends.",
  },
  blacklistEndsSession: {
    name: "BLACKLIST_ENDS_SESSION",
    default: true,
    parse: boolean(),
    description: "Refuse the access tokens of a refresh token that was blacklisted.",
  },
  tokenCheckSeconds: {
    name: "TOKEN_CHECK_INTERVAL",
    default: 0.5,
    parse: secondsOrDuration({ min: 0, max: 0.9 }),
    unit: "seconds",
    description:
      "After what time the user and the session of an access token are read again; 0 reads at every request.",
  },
  sessionEndpoints: {
    name: "SESSION_ENDPOINTS",
    default: true,
    parse: boolean(),
    description: "Users see and end their sessions at /api/auth/sessions/.",
  },
  cleanUpSeconds: {
    name: "CLEAN_UP_INTERVAL",
    default: 3600,
    parse: secondsOrDuration({ min: 0, max: 2_000_000 }),
    unit: "seconds",
    description: "How often one of all workers removes expired tokens and sessions; 0 never does.",
  },
  tokenCacheSize: {
    name: "TOKEN_CACHE_SIZE",
    default: 10_000,
    parse: integer({ min: 0 }),
    description: "Verified access tokens that a worker remembers.",
  },
});
