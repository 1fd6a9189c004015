/**
 * Migrations without operations: one to be filled by hand, and one that joins branches.
 *
 * Two people who each add a migration after the same one make a branch. They are joined by a migration that comes after both, where
 * it makes no difference which of them is applied first: a database may have either.
 * Reference: `handle_merge` and `write_migration_files` of Django's makemigrations.
 * Differs: branches that do not commute are refused and not asked about.
 */
import { ConfigurationError, DrfAuthError } from "../../errors.ts";
import { type MigrationGraph, migrationGraph, replayInOrder, standing } from "./graph.ts";
import { nameOf, nextNumber } from "./make.ts";
import { type Migration, migration, namedMigration } from "./migration.ts";
import type { ProjectState } from "./state.ts";

/** A migration without operations, after the last one of a label. */
export function emptyMigration(existing: readonly Migration[], label: string, words = "custom"): Migration {
  const leaves = migrationGraph(standing(existing)).leaves(label);
  return after(existing, label, leaves, words);
}

/**
 * The migrations that join branches, one a label that has some.
 * @throws ConfigurationError  two branches change the same, so that it matters which comes first
 */
export function mergeMigrations(existing: readonly Migration[], words?: string): readonly Migration[] {
  const graph = migrationGraph(standing(existing));
  return [...new Set(graph.ordered.map(({ label }) => label))].flatMap((label) => {
    const leaves = graph.leaves(label);
    if (leaves.length < 2) return [];
    refuseClashes(graph, label, leaves);
    const names = leaves.map(({ name }) => name).join("_");
    return [after(existing, label, leaves, words ?? `merge_${names}`.slice(0, 60))];
  });
}

function after(existing: readonly Migration[], label: string, leaves: readonly Migration[], words: string): Migration {
  const dependencies = leaves.map(({ name }) => [label, name] as const);
  const name = nameOf(nextNumber(existing, label), words);
  return namedMigration(label, name, migration({ operations: [], dependencies }));
}

function refuseClashes(graph: MigrationGraph, label: string, leaves: readonly Migration[]): void {
  const clash = (why: string): ConfigurationError =>
    new ConfigurationError(
      `migrations of ${label}`,
      `the branches that end at ${leaves.map(({ name }) => name).join(" and ")} cannot be joined, ${why}; change one of them by hand`,
    );
  const texts = leaves.map((first) => {
    const before = graph.ancestors(first);
    const isBefore = (each: Migration): boolean => before.has(each);
    try {
      const order = [...graph.ordered.filter(isBefore), ...graph.ordered.filter((each) => !isBefore(each))];
      return textOf(replayInOrder(order).state);
    } catch (error) {
      if (error instanceof DrfAuthError) throw clash(`for one does not fit after the other: ${error.message}`);
      throw error;
    }
  });
  if (new Set(texts).size > 1) throw clash("for they change the same, and it matters which comes first");
}

/** A state as text; the order of names says nothing. */
const textOf = (state: ProjectState): string =>
  JSON.stringify(
    [...state].sort(([a], [b]) => (a < b ? -1 : 1)),
    (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : typeof value === "bigint" || typeof value === "function"
          ? String(value)
          : value,
  );
