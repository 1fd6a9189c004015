/**
 * The order of migrations: what a migration depends on comes before it, and nothing else decides but label and name.
 *
 * Reference: django.db.migrations.graph.MigrationGraph.
 * Differs: the migration before it in the same label is a dependency without being declared.
 */
import { ConfigurationError } from "../../errors.ts";
import { type Migration, placeOf } from "./migration.ts";
import { emptyState, type ProjectState, type Step, stepsOf } from "./state.ts";

/**
 * Migrations in the order in which they are applied.
 * @throws ConfigurationError  two of one name, a dependency that is not there, or a circle of dependencies
 */
export function orderMigrations(migrations: readonly Migration[]): readonly Migration[] {
  const sorted = migrations.toSorted((a, b) => compare(a.label, b.label) || compare(a.name, b.name));
  const byName = indexByName(sorted);
  const ordered = new Set<Migration>();
  const visit = (migration: Migration, path: readonly Migration[]): void => {
    if (ordered.has(migration)) return;
    if (path.includes(migration)) {
      const circle = [...path.slice(path.indexOf(migration)), migration].map(({ label, name }) => `${label}.${name}`);
      throw new ConfigurationError(placeOf(migration), `depends on itself: ${circle.join(" -> ")}`);
    }
    for (const before of requirementsOf(migration, sorted, byName)) visit(before, [...path, migration]);
    ordered.add(migration);
  };
  for (const migration of sorted) visit(migration, []);
  return [...ordered];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const keyOf = (label: string, name: string): string => `${label}.${name}`;

/** Migrations by `label.name`, under the names that they replace, too. */
function indexByName(migrations: readonly Migration[]): ReadonlyMap<string, Migration> {
  const byName = new Map<string, Migration>();
  for (const migration of migrations) {
    for (const name of new Set([migration.name, ...migration.replaces])) {
      const key = keyOf(migration.label, name);
      const other = byName.get(key);
      if (other) throw new ConfigurationError(placeOf(migration), `${key} is also that of ${placeOf(other)}`);
      byName.set(key, migration);
    }
  }
  return byName;
}

/** What has to be applied before a migration: the one before it in its label, and what it declares. */
function requirementsOf(
  migration: Migration,
  sorted: readonly Migration[],
  byName: ReadonlyMap<string, Migration>,
): Migration[] {
  const previous = sorted.filter(({ label, name }) => label === migration.label && name < migration.name).at(-1);
  const declared = migration.dependencies.map(([label, name]) => {
    const found = byName.get(keyOf(label, name));
    if (!found) throw new ConfigurationError(placeOf(migration), `depends on ${label}.${name}, which is not there`);
    return found;
  });
  return [...(previous ? [previous] : []), ...declared].filter((found) => found !== migration);
}

/** Migrations and everything that depends on them, in order; what has to be undone to undo these. */
export function dependentsOf(ordered: readonly Migration[], roots: ReadonlySet<Migration>): readonly Migration[] {
  const byName = indexByName(ordered);
  const sorted = ordered.toSorted((a, b) => compare(a.label, b.label) || compare(a.name, b.name));
  const found = new Set(roots);
  for (const migration of ordered) {
    if (requirementsOf(migration, sorted, byName).some((required) => found.has(required))) found.add(migration);
  }
  return ordered.filter((migration) => found.has(migration));
}

/** A migration with its steps: every operation between the states on its two sides. */
export interface Replayed {
  readonly migration: Migration;
  readonly steps: readonly Step[];
}

/**
 * Replays migrations in their order, without a database.
 * @throws ConfigurationError  as `orderMigrations`, or an operation does not fit the models so far
 */
export function replay(migrations: readonly Migration[]): {
  readonly migrations: readonly Replayed[];
  readonly state: ProjectState;
} {
  let state = emptyState;
  const replayed = orderMigrations(migrations).map((migration) => {
    const steps = stepsOf(placeOf(migration), migration.operations, state);
    state = steps.at(-1)?.after ?? state;
    return { migration, steps };
  });
  return { migrations: replayed, state };
}
