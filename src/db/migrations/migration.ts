/**
 * A migration: operations that are applied together or not at all, and what has to come before them.
 *
 * A file `migrations/<label>/<name>.ts` holds one as its default export; its label and name are those of the file.
 * Reference: django.db.migrations.Migration.
 * Differs: `replaces` names migrations of the same label, and what is recorded are the replaced names, so that Django finds
 * its own history in a database that was made here.
 */
import { relative } from "node:path";
import { ConfigurationError } from "../../errors.ts";
import { describeOperation, isOutside, modelOf, type Operation } from "./operations.ts";

/** The label and the name of a migration that has to be applied before. */
export type Dependency = readonly [label: string, name: string];

export interface MigrationOptions {
  readonly operations: readonly Operation[];
  readonly dependencies?: readonly Dependency[];
  /** Names of migrations, of the same label, that this one stands for. */
  readonly replaces?: readonly string[];
  /**
   * False where each operation is to be a transaction of its own on PostgreSQL, so that locks are held for one at a time (default true).
   * What was done is remembered: a run that was cut off goes on there, and going back undoes that much.
   */
  readonly atomic?: boolean;
}

export type MigrationDeclaration = Readonly<Required<MigrationOptions>>;

export interface Migration extends MigrationDeclaration {
  readonly label: string;
  /** Four digits and words: `0002_book_subtitle`. */
  readonly name: string;
  /** The path of its file; undefined for one that is built in, or not written yet. */
  readonly file?: string;
}

/**
 * Declares a migration.
 *
 * @example
 * export default migration({ operations: [removeField("shop.book", "subtitle")] });
 * @example
 * export default migration({
 *   atomic: false,
 *   operations: [
 *     addField("shop.book", "slug", field.text({ null: true })),
 *     runCode({ atomic: false, forward: fillSlugs, backward: () => undefined }),
 *     addIndex("shop.book", { fields: ["slug"] }, { concurrently: true }),
 *   ],
 * });
 */
export const migration = ({
  operations,
  dependencies = [],
  replaces = [],
  atomic = true,
}: MigrationOptions): MigrationDeclaration => Object.freeze({ dependencies, replaces, operations, atomic });

/**
 * Gives a declared migration its label and name.
 * @throws ConfigurationError  an operation is about a model of another label, or what runs outside a transaction is mixed with others
 */
export function namedMigration(
  label: string,
  name: string,
  { dependencies, replaces, operations, atomic }: MigrationDeclaration,
  file?: string,
): Migration {
  const named = Object.freeze({
    label,
    name,
    dependencies,
    replaces,
    operations,
    atomic,
    ...(file !== undefined && { file }),
  });
  for (const operation of operations) {
    const model = modelOf(operation);
    if (model === undefined) continue;
    if (labelOf(model) === label && (operation.kind !== "renameModel" || labelOf(operation.to) === label)) continue;
    throw new ConfigurationError(
      placeOf(named),
      `expected operations on models of "${label}" alone, got: ${describeOperation(operation)}`,
    );
  }
  const inside = operations.find((operation) => !isOutside(operation));
  if (atomic && inside && operations.some(isOutside)) {
    throw new ConfigurationError(
      placeOf(named),
      "what runs outside a transaction (an index that is built concurrently) needs a migration without other operations, or one " +
        `that is declared atomic: false; got: ${describeOperation(inside)}`,
    );
  }
  return named;
}

/** Tells whether PostgreSQL applies a migration an operation at a time. */
export const isStepwise = ({ operations, atomic }: Migration): boolean => !atomic || operations.some(isOutside);

/** The app label in a model's full name; `app` where it has none. */
export function labelOf(modelName: string): string {
  const dot = modelName.indexOf(".");
  return dot < 0 ? "app" : modelName.slice(0, dot);
}

/** A migration as errors name it: `migration shop.0001_initial`, with its file where it has one. */
export const placeOf = ({ label, name, file }: Pick<Migration, "label" | "name" | "file">): string =>
  `migration ${label}.${name}${file === undefined ? "" : ` (${relative(process.cwd(), file)})`}`;
