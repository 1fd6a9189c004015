/**
 * What content types and permissions are called in a fixture: by what they stand for, not by number.
 *
 * Every database makes them for itself, each with its own numbers; a number carried over would grant another right.
 * Reference: `natural_key` of django.contrib.contenttypes and .auth. Differs: Django does this with `--natural-foreign` alone.
 */
import { builder, type Executor, slot, statement } from "../db/index.ts";
import type { Model } from "../model/index.ts";

/** The models that are named so. */
const CONTENT_TYPE = "contenttypes.contenttype";
const PERMISSION = "auth.permission";

export const hasNaturalKey = ({ name }: Model): boolean => name === CONTENT_TYPE || name === PERMISSION;

export type NaturalKey = readonly string[];

/** Others that Django's `--natural-foreign` calls by one of their fields, which is looked up when it is met. */
const looked: ReadonlyMap<string, { readonly table: string; readonly column: string }> = new Map([
  ["auth.user", { table: "auth_user", column: "username" }],
  ["auth.group", { table: "auth_group", column: "name" }],
]);

/** A row is called by a name that must be looked up first (`NaturalKeys.find`). */
export class NameWanted extends Error {
  readonly model: string;
  readonly wanted: string;
  constructor(model: string, wanted: string) {
    super(`${model} ${wanted}`);
    this.model = model;
    this.wanted = wanted;
  }
}

/** The content types and permissions of a database, both ways. */
export class NaturalKeys {
  readonly #byKey = new Map<string, Map<number, NaturalKey>>();
  readonly #byName = new Map<string, number>();
  /** Numbers of a fixture, and those that the same rows have here. */
  readonly #here = new Map<string, number>();

  /** Reads what a database has. */
  static async of(executor: Executor): Promise<NaturalKeys> {
    const keys = new NaturalKeys();
    const db = builder(executor.dialect);
    const types = statement(db.selectFrom("django_content_type").select(["id", "app_label", "model"]));
    for (const [id, label, model] of await executor.all(types))
      keys.add(CONTENT_TYPE, Number(id), [String(label), String(model)]);
    const permissions = statement(
      db
        .selectFrom("auth_permission as p")
        .innerJoin("django_content_type as t", "t.id", "p.content_type_id")
        .select(["p.id", "p.codename", "t.app_label", "t.model"]),
    );
    for (const [id, ...names] of await executor.all(permissions)) keys.add(PERMISSION, Number(id), names.map(String));
    return keys;
  }

  add(model: string, key: number, names: NaturalKey): void {
    const known = this.#byKey.get(model) ?? new Map<number, NaturalKey>();
    this.#byKey.set(model, known.set(key, names));
    this.#byName.set(JSON.stringify([model, ...names]), key);
  }

  /** The names of a row by its number. */
  namesOf(model: string, key: unknown): NaturalKey | undefined {
    return this.#byKey.get(model)?.get(Number(key));
  }

  /** Looks a name up. @returns whether there is such a row */
  async find(executor: Executor, { model, wanted }: NameWanted): Promise<boolean> {
    const place = looked.get(model);
    if (!place) return false;
    const select = statement(
      builder(executor.dialect).selectFrom(place.table).select("id").where(place.column, "=", slot()),
    );
    const [key] = (await executor.get(select, [wanted])) ?? [];
    if (key !== undefined) this.add(model, Number(key), [wanted]);
    return key !== undefined;
  }

  /** The number of a row that a fixture calls by names. @throws NameWanted  it was not looked up yet */
  keyNamed(model: string, names: readonly unknown[]): number | undefined {
    const key = this.keyOf(model, names);
    if (key === undefined && looked.has(model) && names.length === 1) throw new NameWanted(model, String(names[0]));
    return key;
  }

  /** The number of a row by its names. */
  keyOf(model: string, names: readonly unknown[]): number | undefined {
    return this.#byName.get(JSON.stringify([model, ...names]));
  }

  /** Remembers that a row of a fixture has another number here. */
  meet(model: string, theirs: unknown, ours: number): void {
    this.#here.set(`${model} ${theirs}`, ours);
  }

  /** The number that a row of a fixture has here; its own where nothing is known of it. */
  keyHere(model: string, theirs: unknown): unknown {
    return this.#here.get(`${model} ${theirs}`) ?? theirs;
  }
}
