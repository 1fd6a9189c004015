/** The public names of drf-auth. */

// Declaring
export { type App, type AppOptions, defineApp } from "./app/index.ts";
export { type CustomKind, field, type InputOf, type Model, model, type Refuse, type RowOf } from "./model/index.ts";
export { aggregate, links, type NewRow, type Queries, query, type Table, type Where } from "./db/index.ts";
export {
  type Authenticator,
  type BulkOptions,
  type Context,
  download,
  endpoint,
  type Expansion,
  filter,
  type Hooks,
  type Permission,
  pagination,
  permission,
  type Resource,
  resource,
  type Scope,
  scope,
  type TransactOptions,
  type Work,
} from "./resource/index.ts";
export {
  type AccountMails,
  type AccountsOptions,
  type AuthEvent,
  type AuthEventName,
  type CustomClaims,
  Group,
  LockedOut,
  type PasswordAttempt,
  type PasswordBackend,
  type PasswordBackends,
  type PasswordValidator,
  passwordValidator,
  type TokenOptions,
  User,
} from "./auth/index.ts";
export {
  type Block,
  type Blocks,
  type Html,
  type HtmlContent,
  html,
  type PageFacts,
  type PagesDeclaration,
} from "./browsable/index.ts";
export type { Mail, MailTransport } from "./mail/index.ts";
export type { FileStorage, IncomingFile, LocalFile, RemoteFile, StoredFile } from "./media/index.ts";

// Errors to throw in code of one's own
export {
  ApiError,
  AuthenticationFailed,
  Conflict,
  NotFound,
  PermissionDenied,
  PreconditionFailed,
  PreconditionRequired,
  ServiceUnavailable,
  ValidationError,
} from "./errors.ts";

// Errors of the database, to be caught in code of one's own
export { CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation } from "./db/index.ts";

// Helpers
export { leftJoin } from "./db/index.ts";
export { sql } from "kysely";

// Running
export { openProject, type Project, type ProjectOptions } from "./project/index.ts";

// Migration files
export {
  addConstraint,
  addField,
  addIndex,
  addUnique,
  alterField,
  alterTable,
  type Code,
  type CodeContext,
  createModel,
  deleteModel,
  migration,
  releaseModel,
  removeConstraint,
  removeField,
  removeIndex,
  removeUnique,
  renameField,
  renameModel,
  runCode,
  runSql,
  type SqlTexts,
} from "./db/index.ts";
