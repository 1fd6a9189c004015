/** The settings of tokens, passwords and sessions; the names of SimpleJWT's and Django's are theirs. */
import {
  boolean,
  defineSettings,
  integer,
  list,
  oneOf,
  secondsOrDuration,
  text,
  type ValuesOf,
} from "../config/index.ts";
import { sessionSettings } from "./session-settings.ts";
import { tokenSettings } from "./token-settings.ts";

/**
 * As defaults of an app they are named as in the code.
 * @example
 * defineApp({ resources, settings: { accessLifetimeSeconds: 600, refreshGraceSeconds: 30 } });
 */
export const authSettings = defineSettings({
  secretKey: {
    name: "SECRET_KEY",
    default: "",
    defaultText: "made at the first start, kept in the file .secret-key",
    parse: text({ minLength: 32 }),
    secret: true,
    description: "Signs tokens, sessions and CSRF proofs; the same on every machine.",
  },
  secretKeyFallbacks: {
    name: "SECRET_KEY_FALLBACKS",
    default: [],
    defaultText: "none",
    parse: list(text({ minLength: 32 })),
    secret: true,
    description: "Older secret keys that are still accepted.",
  },
  ...tokenSettings,
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
  authenticators: {
    name: "AUTHENTICATORS",
    default: ["jwt", "session", "basic"],
    parse: list(oneOf("jwt", "session", "basic")),
    description: "Ways of being known, in order; the first one decides between 401 and 403.",
  },
  passwordHasher: {
    name: "PASSWORD_HASHER",
    default: "argon2",
    parse: oneOf("argon2", "pbkdf2_sha256", "pbkdf2_sha1", "bcrypt_sha256", "bcrypt", "scrypt"),
    description: "Makes new password encodings; the others are verified and replaced at login.",
  },
  passwordIterations: {
    name: "PASSWORD_ITERATIONS",
    default: 600_000,
    parse: integer({ min: 1 }),
    description: "Iterations of new PBKDF2 encodings (Django 3.2 makes 260,000).",
  },
  passwordConcurrency: {
    name: "PASSWORD_CONCURRENCY",
    default: 2,
    parse: integer({ min: 1 }),
    description: "Passwords that a worker hashes at the same time.",
  },
  ...sessionSettings,
});

export type AuthSettings = ValuesOf<typeof authSettings>;
