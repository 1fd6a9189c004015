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
  accessLifetimeSeconds: {
    name: "ACCESS_TOKEN_LIFETIME",
    default: 300,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long an access token is valid.",
  },
  refreshLifetimeSeconds: {
    name: "REFRESH_TOKEN_LIFETIME",
    default: 86_400,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a refresh token is valid.",
  },
  rotateRefreshTokens: {
    name: "ROTATE_REFRESH_TOKENS",
    default: true,
    parse: boolean(),
    description: "Give a new refresh token with every refresh.",
  },
  blacklistAfterRotation: {
    name: "BLACKLIST_AFTER_ROTATION",
    default: true,
    parse: boolean(),
    description: "Refuse a refresh token once it was used.",
  },
  tokenCacheSize: {
    name: "TOKEN_CACHE_SIZE",
    default: 10_000,
    parse: integer({ min: 0 }),
    description: "Verified access tokens that a worker remembers.",
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
  lockoutLimit: {
    name: "LOCKOUT_LIMIT",
    default: 5,
    parse: integer({ min: 0 }),
    description: "Wrong passwords for a name from one address before it is locked there; 0 for no limit.",
  },
  lockoutUserLimit: {
    name: "LOCKOUT_USER_LIMIT",
    default: 100,
    parse: integer({ min: 0 }),
    description:
      "Wrong passwords for a name from addresses that it never signed in from, all together; 0 for no limit.",
  },
  lockoutAddressLimit: {
    name: "LOCKOUT_ADDRESS_LIMIT",
    default: 100,
    parse: integer({ min: 0 }),
    description: "Wrong passwords from one address (IPv6: one /64) for all names together; 0 for no limit.",
  },
  lockoutDelaySeconds: {
    name: "LOCKOUT_DELAY",
    default: 30,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long the try at the limit locks; each wrong one after it locks twice as long.",
  },
  lockoutMaxDelaySeconds: {
    name: "LOCKOUT_MAX_DELAY",
    default: 3600,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a lock lasts at most.",
  },
  lockoutWindowSeconds: {
    name: "LOCKOUT_WINDOW",
    default: 86_400,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long after the first wrong password the count begins anew.",
  },
});

export type AuthSettings = ValuesOf<typeof authSettings>;
