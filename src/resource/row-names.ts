/**
 * What related rows are called, for pages: the names come with the rows that point at them.
 *
 * Behind a foreign key they cost no statement, since the row is joined; behind a many-to-many field one, however many rows there are.
 * A name is shown to who may read the resource that shows it, of rows in sight.
 */
import { type Awaitable, after, batches, type Executor, type Selection, type SqlRow } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import type { Context } from "./context.ts";
import { labelFieldOf } from "./label-field.ts";
import { readsFreely } from "./permit.ts";
import type { Resource } from "./resource.ts";
import type { Representation } from "./serializer/row-reader.ts";
import type { Services } from "./services.ts";
import { valueReader } from "./value-reader.ts";

/** A relation of a resource whose rows have names. */
export interface NamedRelation {
  /** The field that shows the key, or keys. */
  readonly field: string;
  /** Where the model has it. */
  readonly source: string;
  readonly isMany: boolean;
  readonly target: Model;
  /** The column of the target that is the name. */
  readonly label: string;
  /** Whose readers may know it. */
  readonly shownBy: Resource;
}

/** The relations that a resource shows and another one names. */
export function namedRelations(
  { model, fields }: Pick<Resource, "model" | "fields">,
  { models, scopes }: Pick<Services, "models" | "scopes">,
): readonly NamedRelation[] {
  return Object.entries(fields).flatMap(([field, { kind, writeOnly, options }]): NamedRelation[] => {
    const source = options.source ?? field;
    const isMany = kind === "manyToMany";
    if (writeOnly || !(isMany || kind === "foreignKey") || model.fields[source]?.kind !== kind) return [];
    const target = models.target(model, source);
    const all = scopes.resourcesOf(target);
    for (const shownBy of all) {
      const name = labelFieldOf(shownBy.fields, shownBy.search);
      const label = name === undefined ? undefined : (shownBy.fields[name]?.options.source ?? name);
      // Through relations a row is seen where any resource shows it: one with a scope says nothing of the others' rows.
      const isAlone = !shownBy.scope || all.length === 1;
      if (label !== undefined && label in target.fields && showsAnyRow(shownBy) && isAlone)
        return [{ field, source, isMany, target, label, shownBy }];
    }
    return [];
  });
}

/** Whether its readers may see each of its rows, but for those out of scope: lists ask no permission about a single one. */
const showsAnyRow = ({ only, permissions }: Resource): boolean =>
  only.includes("list") || (only.includes("retrieve") && permissions.every(readsFreely));

/** Notes for a request what the rows are called that some rows point at. */
export type NameRows = (
  context: Context,
  executor: Executor,
  rows: readonly SqlRow[],
  objects: readonly Representation[],
) => Awaitable<unknown>;

/**
 * Compiles the naming of related rows.
 * @param selection  what the rows are fetched with; the names of what foreign keys lead to are added to it
 */
export function compileNames(
  relations: readonly NamedRelation[],
  selection: Selection,
  services: Pick<Services, "store" | "scopes">,
): NameRows {
  const steps = relations.map((relation) =>
    relation.isMany ? nameMany(relation, services) : nameJoined(relation, selection),
  );
  return (...given) => {
    let done: Awaitable<unknown>;
    for (const step of steps) done = after(done, () => step(...given));
    return done;
  };
}

function nameJoined({ field, source, target, label }: NamedRelation, selection: Selection): NameRows {
  const path = `${source}.${label}`;
  const valueAt = valueReader(selection, [path]);
  return (context, _executor, rows, objects) => {
    for (const [i, row] of rows.entries()) note(context, target, objects[i]?.[field], valueAt(row, path));
  };
}

function nameMany(
  { field, target, label }: NamedRelation,
  { store, scopes }: Pick<Services, "store" | "scopes">,
): NameRows {
  const selection = store(target).selection();
  const valueAt = valueReader(selection, [target.primaryKey, label]);
  const list = store(target).lister(selection);
  return async (context, executor, _rows, objects) => {
    const keys = new Set(objects.flatMap((object) => (object[field] as readonly unknown[] | undefined) ?? []));
    if (keys.size === 0) return;
    const seen = await scopes.of(target, context);
    for (const batch of batches([...keys])) {
      const where = { and: [seen, { path: target.primaryKey, lookup: "in", value: batch } as const] };
      for (const row of await list(executor, { where, order: [] }))
        note(context, target, valueAt(row, target.primaryKey), valueAt(row, label));
    }
  };
}

const names = new WeakMap<Context, Map<string, string>>();
const idOf = (model: string, key: unknown): string => `${model} ${String(key)}`;

function note(context: Context, { name: model }: Model, key: unknown, name: unknown): void {
  if (typeof name !== "string" || name === "") return;
  const known = names.get(context) ?? new Map<string, string>();
  names.set(context, known.set(idOf(model, key), name));
}

/** What a row is called, where a page of this request came by its name. */
export const nameOfRow = (context: Context, model: string, key: unknown): string | undefined =>
  names.get(context)?.get(idOf(model, key));
