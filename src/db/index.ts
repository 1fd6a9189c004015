/** Where data is: the contract of a database, its statements, its errors, and how to open one. */
export * as aggregate from "./aggregate.ts";
export type { Stamp } from "./automatic.ts";
export { batches } from "./batches.ts";
export { isAutomatic, isIndexed, isKind, keyField, quote } from "./columns.ts";
export { conditionHolds } from "./condition-holds.ts";
export { type ConnectOptions, connect, sqlitePath } from "./connect.ts";
export { connectionLimit } from "./connection-limit.ts";
export { readConsistently } from "./consistent.ts";
export type {
  Awaitable,
  Database,
  Dialect,
  Executor,
  Isolation,
  SqlRow,
  SqlValue,
  TransactionOptions,
} from "./database.ts";
export { after } from "./database.ts";
export { durationOf, microsecondsOf } from "./durations.ts";
export {
  CheckViolation,
  DatabaseError,
  DatabaseUnavailable,
  ForeignKeyViolation,
  InvalidPattern,
  NotNullViolation,
  OutcomeUnknown,
  TransactionConflict,
  UniqueViolation,
} from "./errors.ts";
export { inOrder, parseVerbatim } from "./exact-json.ts";
export { checkForeignTables } from "./foreign-tables.ts";
export { type Format, formatOf } from "./formats.ts";
export { parseJson, stringifyJson } from "./json.ts";
export { keep } from "./keep.ts";
export { type Links, links, type OpenQueries, type Queries, queriesOf, type TableMap } from "./kysely/index.ts";
export { createLease, type Lease } from "./lease.ts";
export { leftJoin } from "./left-join.ts";
export {
  addConstraint,
  addField,
  addIndex,
  addUnique,
  alterField,
  alterTable,
  appliedIn,
  autodetect,
  type Code,
  type CodeContext,
  createModel,
  type Dependency,
  deleteModel,
  describeOperation,
  emptyMigration,
  findApplied,
  findMigration,
  findRecorded,
  findStepsDone,
  hintsOf,
  hintText,
  InconsistentHistory,
  loadMigrations,
  type MakeOptions,
  type MigrateOptions,
  type Migration,
  type MigrationDeclaration,
  MigrationFailed,
  type MigrationOptions,
  makeMigrations,
  mergeMigrations,
  migrate,
  migration,
  migrationSource,
  migrationSql,
  namedMigration,
  type Operation,
  type PlannedMigration,
  type Progress,
  planOf,
  type Recorded,
  type Renames,
  recordedInFile,
  releaseModel,
  removeConstraint,
  removeField,
  removeIndex,
  removeUnique,
  renameField,
  renameModel,
  replay,
  runCode,
  runSql,
  type SqlTexts,
  type SquashRange,
  type StepsDone,
  sqlOf,
  squashMigrations,
  standing,
  writeMigration,
} from "./migrations/index.ts";
export { defineModels, isPromised, type Models, type Reference } from "./models.ts";
export { createOwnTable } from "./own-table.ts";
export { readAddress } from "./postgres-url.ts";
export { isQuery, type QueryModel, type QuerySource, query } from "./query.ts";
export { type QueryWatch, watchQueries } from "./query-watch.ts";
export type { ListQuery } from "./read-store.ts";
export { createRecordReader } from "./record.ts";
export { type ManyStep, manyStep, type ResolvedPath, Selection, storedField } from "./selection.ts";
export { connectOptionsOf, type DatabaseSettings, databaseSettings, unhurried } from "./settings.ts";
export { type Sight, sightOf } from "./sight.ts";
export { BackupDamaged, BackupRefused, backUpSqlite, checkSqlite, restoreSqlite } from "./sqlite-backup.ts";
export { bind, builder, defineStatement, Slot, type Statement, slot, statement, type Tables } from "./statement.ts";
export { type Returning, type RuleOf, Store, type Values } from "./store.ts";
export { storesOf } from "./stores.ts";
export { type NewRow, type OpenTable, type Table, type TableQuery, tablesOf } from "./table.ts";
export { type Claim, compileTaken } from "./taken.ts";
export { traced } from "./traced.ts";
export {
  type Comparison,
  type Condition,
  comparisons,
  everything,
  isEverything,
  type Lookup,
  nothing,
  type PathOf,
  parseLookup,
  pathsIn,
  type Transform,
  transforms,
  type Where,
} from "./where.ts";
