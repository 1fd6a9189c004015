export { autodetect } from "./autodetect.ts";
export { InconsistentHistory, MigrationFailed } from "./errors.ts";
export { findApplied, type MigrateOptions, migrate, type PlannedMigration } from "./executor.ts";
export { type History, type MigrationGraph, migrationGraph, type Replayed, replay } from "./graph.ts";
export { loadMigrations, writeMigration } from "./loader.ts";
export { makeMigrations } from "./make.ts";
export {
  type Dependency,
  type Migration,
  type MigrationDeclaration,
  type MigrationOptions,
  migration,
  namedMigration,
} from "./migration.ts";
export { type Direction, sqlOf } from "./operation-sql.ts";
export {
  addField,
  addUnique,
  createModel,
  deleteModel,
  describeOperation,
  type Operation,
  type OperationKind,
  removeField,
  removeUnique,
  renameField,
} from "./operations.ts";
export type { Renames } from "./renames.ts";
export { throughModel } from "./schema-editor.ts";
export { emptyState, type ProjectState, type Step } from "./state.ts";
export { migrationSource } from "./writer.ts";
