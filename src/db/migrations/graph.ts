/**
 * The order of migrations: what a migration depends on comes before it, and nothing else decides but label and name.
 *
 * Reference: django.db.migrations.graph.MigrationGraph.
 * Differs: the migration before it in the same label is a dependency without being declared.
 */
import { ConfigurationError } from "../../errors.ts";
import { type Migration, placeOf } from "./migration.ts";
import { emptyState, type ProjectState, type Step, stepsOf } from "./state.ts";

export interface MigrationGraph {
  /** Every migration, each after those it depends on. */
  readonly ordered: readonly Migration[];
  /** What has to be applied for a migration to be: its dependencies, theirs, and itself. */
  ancestors(of: Migration): ReadonlySet<Migration>;
  /** What has to be undone to undo some migrations: those that depend on them, and themselves. */
  dependents(of: readonly Migration[]): ReadonlySet<Migration>;
}

/**
 * Puts migrations in order.
 * @throws ConfigurationError  two of one name, a dependency that is not there, or a circle of dependencies
 */
export function migrationGraph(migrations: readonly Migration[]): MigrationGraph {
  const sorted = migrations.toSorted((a, b) => compare(a.label, b.label) || compare(a.name, b.name));
  const requirements = requirementsOf(sorted);
  const ordered = new Set<Migration>();
  const visit = (migration: Migration, path: readonly Migration[]): void => {
    if (ordered.has(migration)) return;
    if (path.includes(migration)) {
      const circle = [...path.slice(path.indexOf(migration)), migration].map(keyOf);
      throw new ConfigurationError(placeOf(migration), `depends on itself: ${circle.join(" -> ")}`);
    }
    for (const before of requirements.get(migration) ?? []) visit(before, [...path, migration]);
    ordered.add(migration);
  };
  for (const migration of sorted) visit(migration, []);

  const collect = (found: Set<Migration>, migration: Migration): Set<Migration> => {
    if (found.has(migration)) return found;
    return (requirements.get(migration) ?? []).reduce(collect, found.add(migration));
  };
  const dependents = (of: readonly Migration[]): ReadonlySet<Migration> => {
    const found = new Set(of);
    for (const migration of ordered) {
      if (requirements.get(migration)?.some((before) => found.has(before))) found.add(migration);
    }
    return found;
  };
  return { ordered: [...ordered], ancestors: (of) => collect(new Set(), of), dependents };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const keyOf = ({ label, name }: Pick<Migration, "label" | "name">): string => `${label}.${name}`;

/** What each migration needs directly: the one before it in its label, and those it declares. */
function requirementsOf(sorted: readonly Migration[]): ReadonlyMap<Migration, readonly Migration[]> {
  const byName = new Map<string, Migration>();
  for (const migration of sorted) {
    for (const name of new Set([migration.name, ...migration.replaces])) {
      const key = keyOf({ label: migration.label, name });
      const other = byName.get(key);
      if (other) throw new ConfigurationError(placeOf(migration), `${key} is also that of ${placeOf(other)}`);
      byName.set(key, migration);
    }
  }
  return new Map(
    sorted.map((migration, i) => {
      const previous = sorted[i - 1];
      const declared = migration.dependencies.map(([label, name]) => {
        const found = byName.get(keyOf({ label, name }));
        if (found) return found;
        throw new ConfigurationError(placeOf(migration), `depends on ${label}.${name}, which is not there`);
      });
      return [migration, previous?.label === migration.label ? [previous, ...declared] : declared];
    }),
  );
}

/** A migration with its steps: every operation between the states on its two sides. */
export interface Replayed {
  readonly migration: Migration;
  readonly steps: readonly Step[];
}

/** Every migration replayed in its order, and the models as they are then. */
export interface History {
  readonly graph: MigrationGraph;
  readonly replayed: readonly Replayed[];
  readonly state: ProjectState;
}

/**
 * Replays migrations in their order, without a database.
 * @throws ConfigurationError  as `migrationGraph`, or an operation does not fit the models so far
 */
export function replay(migrations: readonly Migration[]): History {
  const graph = migrationGraph(migrations);
  let state = emptyState;
  const replayed = graph.ordered.map((migration) => {
    const steps = stepsOf(placeOf(migration), migration.operations, state);
    state = steps.at(-1)?.after ?? state;
    return { migration, steps };
  });
  return { graph, replayed, state };
}
