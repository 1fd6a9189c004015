/**
 * A migration: operations that are applied together or not at all, and what has to come before them.
 *
 * A file `migrations/<label>/<name>.ts` holds one as its default export; its label and name are those of the file.
 * Reference: django.db.migrations.Migration.
 * Differs: `replaces` names migrations of the same label, and what is recorded are the replaced names, so that Django finds
 * its own history in a database that was made here.
 */
import { ConfigurationError } from "../../errors.ts";
import { describeOperation, type Operation } from "./operations.ts";

/** The label and the name of a migration that has to be applied before. */
export type Dependency = readonly [label: string, name: string];

export interface MigrationOptions {
  readonly operations: readonly Operation[];
  readonly dependencies?: readonly Dependency[];
  /** Names of migrations, of the same label, that this one stands for. */
  readonly replaces?: readonly string[];
}

export type MigrationDeclaration = Readonly<Required<MigrationOptions>>;

export interface Migration extends MigrationDeclaration {
  readonly label: string;
  /** Four digits and words: `0002_book_subtitle`. */
  readonly name: string;
}

/**
 * Declares a migration.
 *
 * @example
 * export default migration({ operations: [removeField("shop.book", "subtitle")] });
 */
export const migration = ({ operations, dependencies = [], replaces = [] }: MigrationOptions): MigrationDeclaration =>
  Object.freeze({ dependencies, replaces, operations });

/**
 * Gives a declared migration its label and name.
 * @throws ConfigurationError  an operation is about a model of another label
 */
export function namedMigration(label: string, name: string, declaration: MigrationDeclaration): Migration {
  const named = Object.freeze({ label, name, ...declaration });
  for (const operation of declaration.operations) {
    if (labelOf(operation.model) === label) continue;
    throw new ConfigurationError(
      placeOf(named),
      `expected operations on models of "${label}" alone, got: ${describeOperation(operation)}`,
    );
  }
  return named;
}

/** The app label in a model's full name; `app` where it has none. */
export function labelOf(modelName: string): string {
  const dot = modelName.indexOf(".");
  return dot < 0 ? "app" : modelName.slice(0, dot);
}

/** A migration as errors and people name it: `migration shop.0001_initial`. */
export const placeOf = ({ label, name }: Pick<Migration, "label" | "name">): string => `migration ${label}.${name}`;
