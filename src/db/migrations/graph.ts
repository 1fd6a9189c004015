/**
 * The order of migrations: what a migration depends on comes before it, and nothing else decides but label and name.
 *
 * Reference: django.db.migrations.graph.MigrationGraph.
 * Differs: a migration that declares none of its own label depends on those with the number before it.
 */
import { ConfigurationError } from "../../errors.ts";
import { type Migration, placeOf } from "./migration.ts";
import { emptyState, type ProjectState, type Step, stepsOf } from "./state.ts";

export interface MigrationGraph {
  /** Every migration, each after those it depends on. */
  readonly ordered: readonly Migration[];
  /** What has to be applied for a migration to be: its dependencies, theirs, and itself. */
  ancestors(of: Migration): ReadonlySet<Migration>;
  /** The migrations of a label that no other of it comes after; more than one where branches were not merged. */
  leaves(label: string): readonly Migration[];
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
  const leaves = (label: string): readonly Migration[] => {
    const own = sorted.filter((migration) => migration.label === label);
    const inner = new Set(own.flatMap((migration) => requirements.get(migration) ?? []));
    return own.filter((migration) => !inner.has(migration));
  };
  return { leaves, ordered: [...ordered], ancestors: (of) => collect(new Set(), of), dependents };
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
    sorted.map((migration) => {
      const declared = migration.dependencies.map(([label, name]) => {
        const found = byName.get(keyOf({ label, name }));
        if (found) return found;
        throw new ConfigurationError(placeOf(migration), `depends on ${label}.${name}, which is not there`);
      });
      const hasParent = migration.dependencies.some(([label]) => label === migration.label);
      return [migration, hasParent ? declared : [...numberedBefore(migration, sorted), ...declared]];
    }),
  );
}

/** The migrations of the same label with the greatest number that is less. */
function numberedBefore({ label, name }: Migration, sorted: readonly Migration[]): readonly Migration[] {
  const before = sorted.filter((each) => each.label === label && each.name.slice(0, 4) < name.slice(0, 4));
  const number = before.at(-1)?.name.slice(0, 4);
  return before.filter((each) => each.name.slice(0, 4) === number);
}

/**
 * Refuses branches that nobody merged: two migrations of a label of which neither comes after the other.
 * @throws ConfigurationError  names them
 */
export function refuseBranches({ ordered, leaves }: MigrationGraph): void {
  for (const label of new Set(ordered.map((each) => each.label))) {
    const ends = leaves(label).map(({ name }) => name);
    if (ends.length < 2) continue;
    throw new ConfigurationError(
      `migrations of ${label}`,
      `there are branches that end at ${ends.join(" and ")}; "drf-auth makemigrations --merge" joins them`,
    );
  }
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
  const graph = migrationGraph(standing(migrations));
  return { graph, ...replayInOrder(graph.ordered) };
}

/** Replays migrations in the order in which they are given. */
export function replayInOrder(ordered: readonly Migration[]): Pick<History, "replayed" | "state"> {
  let state = emptyState;
  const replayed = ordered.map((migration) => {
    const steps = stepsOf(placeOf(migration), migration.operations, state);
    state = steps.at(-1)?.after ?? state;
    return { migration, steps };
  });
  return { replayed, state };
}

/**
 * Those of some migrations that count: of a squashed one and those it stands for, the one or the others.
 *
 * @param has  tells whether a database has a migration; of a squashed one it may have a part, and then the others count
 */
export function standing(
  migrations: readonly Migration[],
  has: (label: string, name: string) => boolean = () => false,
): readonly Migration[] {
  const gone = new Set<string>();
  for (const squashed of migrations) {
    const { label, name, replaces } = squashed;
    // One that was squashed before may be among them, with or without the files behind it.
    const others = migrations.filter(
      (each) =>
        each !== squashed &&
        each.label === label &&
        (replaces.includes(each.name) ||
          (each.replaces.length > 0 && each.replaces.every((old) => replaces.includes(old)))),
    );
    if (others.length === 0) continue;
    const covered = new Set(others.flatMap((each) => [each.name, ...each.replaces]));
    const applied = replaces.filter((each) => has(label, each));
    const isPart =
      applied.length > 0 && applied.length < replaces.length && replaces.every((each) => covered.has(each));
    for (const each of isPart ? [name] : others.map((other) => other.name)) gone.add(keyOf({ label, name: each }));
  }
  return migrations.filter((migration) => !gone.has(keyOf(migration)));
}
