// Passwords, tokens, signed texts, sessions, CSRF and cookies: who is asking.

export { accountWatcher, checkAccountResources } from "./account-resources.ts";
export { createAccountTables } from "./account-tables.ts";
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
export { type Cleaner, type CleanerOptions, createCleaner, type Expired } from "./clean-up.ts";
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
export { createLockout, LockedOut, type Lockout } from "./lockout/lockout.ts";
export { type Lock, type Lockouts, openLockouts } from "./lockout/lockouts.ts";
export { authMigrations } from "./migrations.ts";
export { authModels, Group, Permission, User, type UserRow } from "./models.ts";
export {
  canonicalNameOf,
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
export { type Browser, type BrowserCookie, type BrowserSettings, createBrowser } from "./sessions/browser.ts";
export type { CookieAttributes } from "./sessions/cookies.ts";
export { deleteCookie, parseCookies, serializeCookie } from "./sessions/cookies.ts";
export * as csrf from "./sessions/csrf.ts";
export { checkCsrf } from "./sessions/csrf-check.ts";
export { csrfToken } from "./sessions/csrf-token.ts";
export type { SessionCodec, SessionCodecOptions, SessionData } from "./sessions/session-data.ts";
export { createSessionCodec, isSessionAuthHash, newSessionKey, sessionAuthHash } from "./sessions/session-data.ts";
export { type SessionSettings, sessionSettings } from "./sessions/session-settings.ts";
export type { Sessions, SessionsOptions } from "./sessions/sessions.ts";
export { type AuthSettings, authSettings } from "./settings.ts";
export type { SignIn } from "./sign-in.ts";
export type { SecretKeys, SignerOptions, TimestampSignerOptions } from "./signing.ts";
export { dumps, loads, Signer, TimestampSigner } from "./signing.ts";
export type { Claims } from "./tokens/claims.ts";
export type { CustomClaims, TokenOptions } from "./tokens/custom-claims.ts";
export { jwksMaxAge } from "./tokens/jwks-endpoint.ts";
export type { TokenSigner, TokenSignerOptions, TokenVerifier, TokenVerifierOptions } from "./tokens/jwt.ts";
export { createSigner, createVerifier } from "./tokens/jwt.ts";
export type { JwtAlgorithm, JwtKey } from "./tokens/jwt-keys.ts";
export { jwtAlgorithms } from "./tokens/jwt-keys.ts";
export {
  activeKey,
  type FileKey,
  type KeyState,
  newFileKey,
  readKeyFile,
  rotateKeys,
  stateOf,
  writeKeyFile,
} from "./tokens/key-file.ts";
export { createTokenKeys, type TokenKeySettings, type TokenKeys } from "./tokens/token-keys.ts";
export type { NewUser, Users } from "./users.ts";
