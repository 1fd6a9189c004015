/** The settings of tokens, passwords and sessions; the names of SimpleJWT's and Django's are theirs. */
import { defineSettings, integer, list, oneOf, text, type ValuesOf } from "../config/index.ts";
import { lockoutSettings } from "./lockout-settings.ts";
import { sessionSettings } from "./session-settings.ts";
import { tokenSettings } from "./token-settings.ts";

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
  ...lockoutSettings,
  ...sessionSettings,
});

export type AuthSettings = ValuesOf<typeof authSettings>;
