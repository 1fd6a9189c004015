/**
 * What a migration costs a live service on PostgreSQL: operations that write a table anew, or hold a lock for as long as it takes
 * to read it, each with the way that does not.
 *
 * Tables that the same migration makes cost nothing. SQLite has one writer whatever is done, and no hints.
 * Reference: the PostgreSQL manual, ALTER TABLE, "Notes".
 */
import type { Model } from "../../model/index.ts";
import { checkOf, columnType, isIndexed, isKind, type Resolve } from "../columns.ts";
import { backfillOf } from "./backfill.ts";
import { replay } from "./graph.ts";
import { type Migration, placeOf } from "./migration.ts";
import { describeOperation, modelOf, type Operation, type OperationKind } from "./operations.ts";
import { getModel, relationOf, type Step } from "./state.ts";

/** What stops people, and the way that does not. */
interface Cost {
  readonly problem: string;
  readonly remedy: string;
}

const alone = "{ concurrently: true } in a migration of its own, or one that is atomic: false";
const built = "nobody can write while the index is built";
const index: Cost = { problem: built, remedy: `addIndex(…, ${alone})` };
const columnIndex: Cost = {
  problem: built,
  remedy: `declare index: false, and the index among the model's indexes: addIndex(…, ${alone})`,
};
const unique: Cost = {
  problem: "nobody can read or write while the index is built",
  remedy: `declare it among the model's unique sets or constraints: addUnique(…, ${alone})`,
};
const check: Cost = {
  problem: "nobody can read or write while every row is checked",
  remedy: `addConstraint(…, ${alone})`,
};
const columnCheck: Cost = {
  problem: check.problem,
  remedy: `declare the bound as a constraint of the model: addConstraint(…, ${alone})`,
};
const key: Cost = {
  problem: "nobody can write to either table while every row is checked",
  remedy: "add a field with null: true, which is not checked, fill it with runCode, and alter it later",
};
const notNull: Cost = {
  problem: check.problem,
  remedy: `in a migration before, addConstraint with check: { …: { not: null } } and ${alone}; nothing is checked again then, and it can go`,
};
const rewrite = "the whole table is written anew, and nobody can read it meanwhile";

interface Given {
  readonly before: Model | undefined;
  readonly resolve: Resolve;
}

type Find = { readonly [K in OperationKind]?: (operation: Operation<K>, given: Given) => readonly Cost[] };

const finders: Find = {
  addField({ field }, { resolve }) {
    if (field.kind === "manyToMany") return [];
    const own = backfillOf(field, "postgres", resolve);
    const isRandom = own?.startsWith("gen_random_uuid") ?? false;
    return [
      ...(isRandom
        ? [{ problem: rewrite, remedy: "add it with null: true, fill it with runCode and alter it later" }]
        : []),
      ...(isIndexed(field) ? [columnIndex] : []),
      ...(field.options.unique ? [unique] : []),
      ...(isKind(field, "foreignKey") && own !== undefined ? [key] : []),
    ];
  },
  alterField({ name, field }, { before, resolve }) {
    const old = before?.fields[name];
    if (!old || field.kind === "manyToMany") return [];
    const isRewritten = !isWider(columnType(old, "postgres", resolve), columnType(field, "postgres", resolve));
    const checked = checkOf(field, "it", "postgres") !== undefined && checkOf(old, "it", "postgres") === undefined;
    const points = isKind(field, "foreignKey") ? relationOf(field) : undefined;
    return [
      ...(isRewritten && field.options.primaryKey
        ? [{ problem: `${rewrite}; so is every table that points at it`, remedy: "do it while nobody is served" }]
        : isRewritten
          ? [{ problem: rewrite, remedy: "add a field of the new type, fill it with runCode and remove the old one" }]
          : []),
      ...(old.null && !field.null ? [notNull] : []),
      ...(checked ? [columnCheck] : []),
      ...(isIndexed(field) && !isIndexed(old) ? [columnIndex] : []),
      ...(field.options.unique && !old.options.unique ? [unique] : []),
      ...(points !== undefined && points !== relationOf(old) ? [key] : []),
    ];
  },
  addUnique: ({ concurrently }) => (concurrently ? [] : [{ ...unique, remedy: `addUnique(…, ${alone})` }]),
  addIndex: ({ concurrently }) => (concurrently ? [] : [index]),
  addConstraint: ({ constraint, concurrently }) =>
    concurrently ? [] : ["unique" in constraint ? { ...check, problem: unique.problem } : check],
};

/** Tells whether every value of one type is one of another as it stands there: then nothing is written anew. */
function isWider(was: string | undefined, is: string | undefined): boolean {
  if (was === is) return true;
  const length = (type: string | undefined): number =>
    type === "text" ? Number.POSITIVE_INFINITY : Number(/^varchar\((\d+)\)$/.exec(type ?? "")?.[1] ?? Number.NaN);
  if (length(is) >= length(was)) return true;
  const digits = (type: string | undefined) => /^numeric\((\d+), (\d+)\)$/.exec(type ?? "") ?? [];
  const [[, most = 0, places], [, mostNow = 0, placesNow]] = [digits(was), digits(is)];
  return places !== undefined && places === placesNow && Number(mostNow) >= Number(most);
}

function find<K extends OperationKind>(operation: Operation<K>, { before, after }: Step): readonly Cost[] {
  const known = new Map([...before, ...after]);
  const given: Given = {
    before: before.get(modelOf(operation) ?? ""),
    resolve: (target) => getModel(known, target),
  };
  return finders[operation.kind]?.(operation, given) ?? [];
}

export interface Hint extends Cost {
  /** The migration, with its file, and the operation. */
  readonly place: string;
}

/**
 * The hints for some migrations.
 * @param existing  every migration there is, those that are asked about included
 */
export function hintsOf(existing: readonly Migration[], asked: readonly Migration[]): readonly Hint[] {
  const names = new Set(asked.map(({ label, name }) => `${label}.${name}`));
  return replay(existing).replayed.flatMap(({ migration, steps }) => {
    if (!names.has(`${migration.label}.${migration.name}`)) return [];
    const made = new Set(migration.operations.flatMap((each) => (each.kind === "createModel" ? [each.model] : [])));
    return steps
      .filter(({ operation }) => !made.has(modelOf(operation) ?? ""))
      .flatMap((step) => {
        const place = `${placeOf(migration)}, ${describeOperation(step.operation)}`;
        return find(step.operation, step).map((cost) => ({ place, ...cost }));
      });
  });
}

/** A hint in a line. */
export const hintText = ({ place, problem, remedy }: Hint): string => `${place}: on PostgreSQL ${problem}; ${remedy}`;
