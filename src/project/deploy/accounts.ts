/** Tokens, passwords, mails, and who may write. */
import { type DeployCheck, day, loopback, say } from "./check.ts";

export const accountsChecks: readonly DeployCheck[] = [
  {
    id: "tokens.long",
    find: ({ settings: { accessLifetimeSeconds: seconds } }) =>
      seconds > 3600 &&
      say("ACCESS_TOKEN_LIFETIME", "a stolen token is good for more than an hour", "5m, and refresh it"),
  },
  {
    id: "tokens.refresh",
    find: ({ settings: { refreshLifetimeSeconds: seconds } }) =>
      seconds > 90 * day && say("REFRESH_TOKEN_LIFETIME", "a stolen token is good for months", "30d or less"),
  },
  {
    id: "tokens.rotation",
    find: ({ settings: { rotateRefreshTokens, blacklistAfterRotation } }) =>
      !(rotateRefreshTokens && blacklistAfterRotation) &&
      say(
        rotateRefreshTokens ? "BLACKLIST_AFTER_ROTATION" : "ROTATE_REFRESH_TOKENS",
        "that a refresh token was stolen is never noticed",
        "leave both on",
      ),
  },
  {
    id: "passwords.unlimited",
    find: ({ settings: { lockoutLimit, lockoutUserLimit, lockoutAddressLimit } }) =>
      (lockoutLimit === 0 || lockoutUserLimit === 0 || lockoutAddressLimit === 0) &&
      say("LOCKOUT_…=0", "passwords can be tried without end", "leave the limits at their defaults"),
  },
  {
    id: "passwords.fast",
    find: ({ settings: { passwordHasher, passwordIterations } }) =>
      (passwordHasher === "pbkdf2_sha1" || (passwordHasher === "pbkdf2_sha256" && passwordIterations < 260_000)) &&
      say("PASSWORD_HASHER", "passwords of a stolen database are found fast", "argon2, the default"),
  },
  {
    id: "open.writes",
    find: ({ openWrites }) =>
      openWrites.map((route) => say(route, "anybody may write there", "give it a permission, or a rate")),
  },
  {
    id: "mail.nowhere",
    find: ({ settings: { emailBackend }, hasAccounts }) =>
      hasAccounts &&
      emailBackend !== "smtp" &&
      say(`EMAIL_BACKEND=${emailBackend}`, "mails stay here, with links that open accounts", "smtp, with EMAIL_HOST"),
  },
  {
    id: "mail.clear",
    find: ({ settings: { emailHost, emailUseTls, emailUseSsl, emailBackend }, hasAccounts }) =>
      hasAccounts &&
      emailBackend === "smtp" &&
      !loopback.has(emailHost) &&
      !emailUseTls &&
      !emailUseSsl &&
      say("EMAIL_USE_TLS", `mails to ${emailHost} travel in clear`, "EMAIL_USE_TLS=true with port 587"),
  },
];
