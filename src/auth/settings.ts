/** The settings of tokens, passwords and sessions; the names of SimpleJWT's and Django's are theirs. */
import { defineSettings, integer, list, oneOf, secondsOrDuration, text, type ValuesOf } from "../config/index.ts";
import { lockoutSettings } from "./lockout/lockout-settings.ts";
import { sessionSettings } from "./sessions/session-settings.ts";
import { tokenSettings } from "./tokens/token-settings.ts";

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
  passwordQueueSize: {
    name: "PASSWORD_QUEUE_SIZE",
    default: 1_000,
    parse: integer({ min: 0 }),
    description: "Passwords that may wait for their turn in a worker; one more is answered with 503.",
  },
  passwordResetTimeoutSeconds: {
    name: "PASSWORD_RESET_TIMEOUT",
    default: 3_600,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long the link of a password reset works (Django's default is three days).",
  },
  accountLinkTimeoutSeconds: {
    name: "ACCOUNT_LINK_TIMEOUT",
    default: 259_200,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long the links work that activate an account or confirm an address.",
  },
  ...lockoutSettings,
  ...sessionSettings,
});

export type AuthSettings = ValuesOf<typeof authSettings>;
