export { autodetect } from "./autodetect.ts";
export type { Code, CodeContext, RunCode } from "./code.ts";
export { InconsistentHistory, MigrationFailed } from "./errors.ts";
export { appliedIn, findApplied, type MigrateOptions, migrate, type Progress } from "./executor.ts";
export { type History, type MigrationGraph, migrationGraph, type Replayed, replay, standing } from "./graph.ts";
export { type Hint, hintsOf, hintText } from "./hints.ts";
export { loadMigrations, writeMigration } from "./loader.ts";
export { type MakeOptions, makeMigrations } from "./make.ts";
export { emptyMigration, mergeMigrations } from "./merge.ts";
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
  addConstraint,
  addField,
  addIndex,
  addUnique,
  alterField,
  alterTable,
  createModel,
  deleteModel,
  describeOperation,
  type Operation,
  type OperationKind,
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
} from "./operations.ts";
export { findMigration, type PlannedMigration, planOf, type Target } from "./plan.ts";
export { recordedInFile } from "./read-only.ts";
export { findRecorded, type Recorded } from "./recorder.ts";
export type { Renames } from "./renames.ts";
export { migrationSql } from "./sql-text.ts";
export { type SquashRange, squashMigrations } from "./squash.ts";
export { emptyState, type ProjectState, type Step } from "./state.ts";
export { findStepsDone, type StepsDone } from "./steps-done.ts";
export { throughModel } from "./through.ts";
export { migrationSource } from "./writer.ts";
