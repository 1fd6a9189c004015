/**
 * What a migration costs a live service on PostgreSQL: operations that write a table anew, or hold a lock for as long as it takes
 * to read it, each with the way that does not.
 *
 * Tables that the same migration makes cost nothing. SQLite has one writer whatever is done, and no hints.
 * Reference: the PostgreSQL manual, ALTER TABLE, "Notes".
 */
import type { Field, Model } from "../../model/index.ts";
import { columnType, isIndexed, isKind, type Resolve } from "../columns.ts";
import { backfillOf } from "./backfill.ts";
import { replay } from "./graph.ts";
import { type Migration, placeOf } from "./migration.ts";
import { describeOperation, modelOf, type Operation, type OperationKind } from "./operations.ts";
import { getModel, type Step } from "./state.ts";

const index =
  "nobody can write while the index is built; addIndex(…, { concurrently: true }) in a migration of its own";
const unique =
  "nobody can read or write while the index is built; runSql with CREATE UNIQUE INDEX CONCURRENTLY is no part of a transaction, so do it by hand before";
const check =
  "nobody can read or write while every row is checked; runSql with ADD CONSTRAINT … NOT VALID, and VALIDATE in a later migration";
const key =
  "nobody can write to either table while every row is checked; add the field with null: true and fill it in a later migration";
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
      ...(own === undefined ? [] : besides(field, undefined)),
    ];
  },
  alterField({ name, field }, { before, resolve }) {
    const old = before?.fields[name];
    if (!old || field.kind === "manyToMany") return [];
    const [was, is] = [columnType(old, "postgres", resolve), columnType(field, "postgres", resolve)];
    return [
      ...(was === is || isWider(was, is)
        ? []
        : [`${rewrite}; add a field of the new type, fill it and remove the old one`]),
      ...(old.null && !field.null
        ? [
            "nobody can read or write while every row is checked; runSql with a CHECK … IS NOT NULL that is NOT VALID, and VALIDATE, before",
          ]
        : []),
      ...besides(field, old),
    ];
  },
  addUnique: () => [unique],
  addIndex: ({ concurrently }) => (concurrently ? [] : [index]),
  addConstraint: ({ constraint }) => ["unique" in constraint ? unique : check],
};

/** What is built or checked beside a column, and was not before. */
const besides = (field: Field, old: Field | undefined): string[] => [
  ...(isIndexed(field) && !(old && isIndexed(old)) ? [index] : []),
  ...(field.options.unique && !old?.options.unique ? [unique] : []),
  ...(isKind(field, "foreignKey") && old?.kind !== "foreignKey" ? [key] : []),
];

/** Tells whether a text may only be longer: then its type is another and its rows are not. */
function isWider(was: string | undefined, is: string | undefined): boolean {
  const length = (type: string | undefined): number =>
    type === "text" ? Number.POSITIVE_INFINITY : Number(/^varchar\((\d+)\)$/.exec(type ?? "")?.[1] ?? Number.NaN);
  return length(is) >= length(was);
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
