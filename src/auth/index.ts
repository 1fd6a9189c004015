// Passwords, tokens, signed texts, sessions, CSRF and cookies: who is asking.

export type { AccountMails, MailFacts, MailText } from "./accounts/mails.ts";
export {
  type AccountLinks,
  type Accounts,
  type AccountsOptions,
  accountRates,
  defineAccounts,
} from "./accounts/options.ts";
export { createPendingTable } from "./accounts/pending.ts";
export { type Auth, type AuthOptions, createAuth } from "./auth.ts";
export { type Browser, type BrowserCookie, type BrowserSettings, createBrowser } from "./browser.ts";
export type { Claims } from "./claims.ts";
export { type Cleaner, type CleanerOptions, createCleaner, type Expired } from "./clean-up.ts";
export type { CookieAttributes } from "./cookies.ts";
export { deleteCookie, parseCookies, serializeCookie } from "./cookies.ts";
export * as csrf from "./csrf.ts";
export { checkCsrf } from "./csrf-check.ts";
export { csrfToken } from "./csrf-token.ts";
export type { CustomClaims, TokenOptions } from "./custom-claims.ts";
export {
  BadSignature,
  SignatureExpired,
  TokenClaimInvalid,
  TokenError,
  TokenExpired,
  TokenInvalid,
  TokenNotYetValid,
} from "./errors.ts";
export { type AuthEvent, type AuthEventHook, type AuthEventName, type AuthEvents, createAuthEvents } from "./events.ts";
export { jwksMaxAge } from "./jwks-endpoint.ts";
export type { TokenSigner, TokenSignerOptions, TokenVerifier, TokenVerifierOptions } from "./jwt.ts";
export { createSigner, createVerifier } from "./jwt.ts";
export type { JwtAlgorithm, JwtKey } from "./jwt-keys.ts";
export { jwtAlgorithms } from "./jwt-keys.ts";
export {
  activeKey,
  type FileKey,
  type KeyState,
  newFileKey,
  readKeyFile,
  rotateKeys,
  stateOf,
  writeKeyFile,
} from "./key-file.ts";
export { createLockout, LockedOut, type Lockout } from "./lockout.ts";
export { type Lock, type Lockouts, openLockouts } from "./lockouts.ts";
export { authMigrations } from "./migrations.ts";
export { authModels, Group, Permission, User, type UserRow } from "./models.ts";
export {
  checkBackends,
  type PasswordAttempt,
  type PasswordBackend,
  type PasswordBackends,
} from "./password-backends.ts";
export type { Argon2Parameters } from "./passwords/argon2.ts";
export type { BcryptParameters } from "./passwords/bcrypt.ts";
export * as passwordValidator from "./passwords/password-validator.ts";
export type {
  PasswordAlgorithm,
  PasswordCheck,
  PasswordOptions,
  PasswordParameters,
  Passwords,
} from "./passwords/passwords.ts";
export { createPasswords, defaultPasswordParameters } from "./passwords/passwords.ts";
export type { Pbkdf2Parameters } from "./passwords/pbkdf2.ts";
export type { ScryptParameters } from "./passwords/scrypt.ts";
export { defaultPasswordValidators, type PasswordOwner, type PasswordValidator } from "./passwords/validators.ts";
export { ensurePermissions } from "./permissions.ts";
export type { RandomBytes } from "./random.ts";
export { alphanumeric, randomString } from "./random.ts";
export { SecondFactorRequired } from "./second-factor/challenge.ts";
export type { SecondStep } from "./second-factor/sign-in.ts";
export { secretKeyFrom } from "./secret-key.ts";
export type { SessionCodec, SessionCodecOptions, SessionData } from "./session-data.ts";
export { createSessionCodec, isSessionAuthHash, newSessionKey, sessionAuthHash } from "./session-data.ts";
export { type SessionSettings, sessionSettings } from "./session-settings.ts";
export type { Sessions, SessionsOptions } from "./sessions.ts";
export { type AuthSettings, authSettings } from "./settings.ts";
export type { SignIn } from "./sign-in.ts";
export type { SecretKeys, SignerOptions, TimestampSignerOptions } from "./signing.ts";
export { dumps, loads, Signer, TimestampSigner } from "./signing.ts";
export { createTokenKeys, type TokenKeySettings, type TokenKeys } from "./token-keys.ts";
export type { NewUser, Users } from "./users.ts";
