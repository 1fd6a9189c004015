/**
 * Which migrations a database has: the table `django_migrations`, which Django keeps the same way.
 *
 * A migration that replaces others is recorded as those others, and counts as applied when all of them are.
 * Reference: django.db.migrations.recorder.MigrationRecorder.
 */
import { field, model } from "../../model/index.ts";
import type { Dialect, Executor } from "../database.ts";
import { formatOf } from "../formats.ts";
import { defineStatement } from "../statement.ts";
import { InconsistentHistory } from "./errors.ts";
import { type Migration, placeOf } from "./migration.ts";
import { schemaEditor } from "./schema-editor.ts";

const table = model("migrations.migration", {
  table: "django_migrations",
  fields: {
    app: field.text({ maxLength: 255 }),
    name: field.text({ maxLength: 255 }),
    applied: field.datetime(),
  },
});

export const findTable: Record<Dialect, string> = {
  sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'django_migrations'",
  // From a table: a statement that opens none may go by what its connection knew before the transaction waited for its lock.
  postgres: "SELECT 1 FROM pg_class WHERE oid = to_regclass('django_migrations')",
};

export const selectRecorded = "SELECT app, name FROM django_migrations";

const sqlFor = (dialect: Dialect) => {
  const [first, second, third] = dialect === "sqlite" ? ["?", "?", "?"] : ["$1", "$2", "$3"];
  return {
    select: defineStatement(selectRecorded, true),
    insert: defineStatement(
      `INSERT INTO django_migrations (app, name, applied) VALUES (${first}, ${second}, ${third})`,
    ),
    delete: defineStatement(`DELETE FROM django_migrations WHERE app = ${first} AND name = ${second}`),
  };
};
const statements = { sqlite: sqlFor("sqlite"), postgres: sqlFor("postgres") };

/** Names of recorded migrations, as `label.name`. */
export type Recorded = ReadonlySet<string>;

const hasTable = async (database: Executor): Promise<boolean> =>
  (await database.get(defineStatement(findTable[database.dialect], true))) !== undefined;

/** Makes the table where there is none. Called with the lock held. */
export async function ensureTable(database: Executor): Promise<void> {
  if (await hasTable(database)) return;
  const editor = schemaEditor(database.dialect, () => table);
  for (const sql of editor.createTable(table)) await database.run(defineStatement(sql));
}

/** What a database has recorded; nothing where it has no table yet. */
export async function findRecorded(database: Executor): Promise<Recorded> {
  if (!(await hasTable(database))) return new Set();
  const rows = await database.all(statements[database.dialect].select);
  return new Set(rows.map(([label, name]) => `${label}.${name}`));
}

/** The names under which a migration is recorded. */
const namesOf = ({ name, replaces }: Migration): readonly string[] => (replaces.length ? replaces : [name]);

/**
 * Tells whether a migration is applied.
 * @throws InconsistentHistory  some of those it replaces are, and some are not
 */
export function isApplied(migration: Migration, recorded: Recorded): boolean {
  const { label, name } = migration;
  const names = namesOf(migration);
  const missing = names.filter((each) => !recorded.has(`${label}.${each}`));
  if (missing.length === 0) return true;
  if (!names.includes(name) && recorded.has(`${label}.${name}`)) return true;
  if (missing.length === names.length) return false;
  throw new InconsistentHistory(
    `${placeOf(migration)} stands for migrations of which this database lacks some: ${missing.join(", ")}; ` +
      "apply these with what made the database, then try again",
  );
}

/** Records a migration as applied. @param now  milliseconds since 1970 */
export async function record(database: Executor, migration: Migration, now: number): Promise<void> {
  const { dialect } = database;
  // Django writes six decimals; the clock has three.
  const applied = formatOf(table.fields.applied, dialect).toColumn(new Date(now).toISOString().replace("Z", "000Z"));
  for (const name of namesOf(migration))
    await database.run(statements[dialect].insert, [migration.label, name, applied]);
}

/** Removes the record of a migration. */
export async function unrecord(database: Executor, migration: Migration): Promise<void> {
  for (const name of new Set([migration.name, ...namesOf(migration)])) {
    await database.run(statements[database.dialect].delete, [migration.label, name]);
  }
}
