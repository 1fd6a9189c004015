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

const index =
  "nobody can write while the index is built; addIndex(…, { concurrently: true }) in a migration of its own";
const columnIndex =
  "nobody can write while the index is built; declare index: false, and the index among the model's indexes, which is built with " +
  "addIndex(…, { concurrently: true }) in a migration of its own";
const unique =
  "nobody can read or write while the index is built; runSql with CREATE UNIQUE INDEX CONCURRENTLY is no part of a transaction, so do it by hand before";
const check =
  "nobody can read or write while every row is checked; runSql with ADD CONSTRAINT … NOT VALID, and VALIDATE in a later migration";
const key =
  "nobody can write to either table while every row is checked; add the field with null: true and fill it in a later migration";
const notNull =
  "nobody can read or write while every row is looked at; runSql with ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, and VALIDATE, in migrations before";
const rewrite = "the whole table is written anew, and nobody can read it meanwhile";

interface Given {
  readonly before: Model | undefined;
  readonly resolve: Resolve;
}

type Find = { readonly [K in OperationKind]?: (operation: Operation<K>, given: Given) => readonly string[] };

const finders: Find = {
  addField({ field }, { resolve }) {
    if (field.kind === "manyToMany") return [];
    const own = backfillOf(field, "postgres", resolve);
    const isRandom = own?.startsWith("gen_random_uuid") ?? false;
    return [
      ...(isRandom ? [`${rewrite}; add it with null: true, fill it with runCode and alter it later`] : []),
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
        ? [`${rewrite}; so is every table that points at it. Do it while nobody writes`]
        : isRewritten
          ? [`${rewrite}; add a field of the new type, fill it and remove the old one`]
          : []),
      ...(old.null && !field.null ? [notNull] : []),
      ...(checked ? [check] : []),
      ...(isIndexed(field) && !isIndexed(old) ? [columnIndex] : []),
      ...(field.options.unique && !old.options.unique ? [unique] : []),
      ...(points !== undefined && points !== relationOf(old) ? [key] : []),
    ];
  },
  addUnique: () => [unique],
  addIndex: ({ concurrently }) => (concurrently ? [] : [index]),
  addConstraint: ({ constraint }) => ["unique" in constraint ? unique : check],
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

function find<K extends OperationKind>(operation: Operation<K>, { before, after }: Step): readonly string[] {
  const known = new Map([...before, ...after]);
  const given: Given = {
    before: before.get(modelOf(operation) ?? ""),
    resolve: (target) => getModel(known, target),
  };
  return finders[operation.kind]?.(operation, given) ?? [];
}

/**
 * The hints for some migrations, a line each.
 * @param existing  every migration there is, those that are asked about included
 */
export function hintsOf(existing: readonly Migration[], asked: readonly Migration[]): readonly string[] {
  const names = new Set(asked.map(({ label, name }) => `${label}.${name}`));
  return replay(existing).replayed.flatMap(({ migration, steps }) => {
    if (!names.has(`${migration.label}.${migration.name}`)) return [];
    const made = new Set(migration.operations.flatMap((each) => (each.kind === "createModel" ? [each.model] : [])));
    return steps
      .filter(({ operation }) => !made.has(modelOf(operation) ?? ""))
      .flatMap((step) =>
        find(step.operation, step).map(
          (hint) => `${placeOf(migration)}, ${describeOperation(step.operation)}: on PostgreSQL ${hint}`,
        ),
      );
  });
}
