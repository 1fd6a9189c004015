/**
 * Rows and bodies made up from declarations.
 *
 * A row gets what its columns need, and the rows that it points at are made first; a row that would need one of its own model on the
 * way points at nothing. What cannot be made up is taken from the caller's samples.
 * Reference: factory_boy's SubFactory and model_bakery do this for Django.
 */
import { User } from "../auth/index.ts";
import { type Executor, isQuery, type Models } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { ChildRows, Field, FieldMap, Model } from "../model/index.ts";
import { sampleFile } from "./files.ts";
import type { Owners } from "./owners.ts";
import { isPlain, type Samples, sampleOf } from "./samples.ts";

export interface Maker {
  /** Inserts a row that is an account's, with the rows it needs, and returns its key. @throws ConfigurationError  see `body` */
  row(model: Model, owner: number): Promise<unknown>;
  /**
   * A body with what must be sent, and with the links that make the row somebody's.
   * @param name  under which samples for it are given: a model's, or an action's
   * @throws ConfigurationError  a value cannot be made up; names model and field
   */
  body(fields: FieldMap, name: string, owner: number): Promise<Record<string, unknown>>;
}

export interface MakerOptions {
  readonly models: Models;
  readonly owners: Owners;
  readonly executor: Executor;
  readonly samples: Samples;
  readonly insert: (model: Model, values: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly now: () => number;
}

/** What a value is made for. */
interface Place {
  /** Of a model or an action, as samples name it. */
  readonly name: string;
  readonly owner: number;
  /** The models of the rows that are being made. */
  readonly making: readonly Model[];
}

export function createMaker({ models, owners, executor, samples, insert, now }: MakerOptions): Maker {
  let n = 0;

  const row = async (model: Model, place: Omit<Place, "name">): Promise<unknown> => {
    if (isQuery(model)) throw new ConfigurationError(`model "${model.name}"`, "a row of a query cannot be made");
    const inner: Place = { ...place, name: model.name, making: [...place.making, model] };
    const values: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(model.fields)) {
      const isGiven = Object.hasOwn(samples[model.name] ?? {}, name);
      if (!isGiven && !needsValue(field) && !pointsOn(field, inner)) continue;
      const made = field.options.auto === "user" && !isGiven ? place.owner : await value(name, field, inner);
      // The column of a file holds its path.
      values[name] = made instanceof File ? made.name : made;
    }
    return insert(model, values);
  };

  /** A foreign key that may be null, and leads to an owner without a circle. */
  const pointsOn = (field: Field, { making }: Place): boolean => {
    const target = field.kind === "foreignKey" ? owners.target(field) : undefined;
    return target !== undefined && target !== User && !making.includes(target) && owners.leadsToOwner(field);
  };

  const value = async (name: string, field: Field, place: Place): Promise<unknown> => {
    const given = samples[place.name]?.[name];
    if (given !== undefined) return typeof given === "function" ? given(++n) : given;
    const made = await makeUp(name, field, place);
    if (made !== undefined) return made;
    throw new ConfigurationError(
      placeOf(place.name, name, models),
      `no value that it accepts can be made up; expected one in samples: { "${place.name}": { ${name}: … } }`,
    );
  };

  /** Undefined where it cannot be made up. */
  const makeUp = async (name: string, field: Field, place: Place): Promise<unknown> => {
    n++;
    if (isPlain(field)) return sampleOf(field, n, now(), executor);
    if (field.kind === "file") return sampleFile(field.options, n);
    const { options } = field;
    const inner = "of" in options ? (options.of as Field | undefined) : undefined;
    if (field.kind === "foreignKey" || field.kind === "manyToMany") {
      const target = owners.target(field);
      if (!target || place.making.includes(target)) return field.null ? null : undefined;
      const key = target === User ? place.owner : await row(target, place);
      return field.kind === "foreignKey" ? key : [key];
    }
    if (field.kind === "list") {
      const rows = "rows" in options ? (options.rows as ChildRows | undefined) : undefined;
      const count = "minItems" in options && typeof options.minItems === "number" ? options.minItems : 1;
      const items: unknown[] = [];
      const at = rows ? { ...place, name: rows.of.name } : place;
      while (items.length < Math.max(1, count)) items.push(inner ? await makeUp(name, inner, at) : "sample");
      return items.includes(undefined) ? undefined : items;
    }
    if (field.kind === "dict") {
      const sample = inner ? await makeUp(name, inner, place) : "sample";
      return sample === undefined ? undefined : { sample };
    }
    if (field.kind === "nested" && "fields" in options) return object(options.fields as FieldMap, place);
    return undefined;
  };

  const object = async (fields: FieldMap, place: Place): Promise<Record<string, unknown>> => {
    const values: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      if (field.readOnly) continue;
      const isGiven = Object.hasOwn(samples[place.name] ?? {}, name);
      if (isGiven || field.required || pointsOn(field, place)) values[name] = await value(name, field, place);
    }
    return values;
  };

  return {
    row: (model, owner) => row(model, { owner, making: [] }),
    body: (fields, name, owner) => object(fields, { name, owner, making: [] }),
  };
}

/** Where a value is missing: `model "shop.book", field "isbn"`, or the action's input. */
export const placeOf = (name: string, field: string, models: Models): string =>
  `${models.all.some((model) => model.name === name) ? "model" : "input of"} "${name}", field "${field}"`;

/** Whether neither the server nor the database gives the column a value. */
function needsValue({ kind, options, null: mayBeNull }: Field): boolean {
  if (kind === "manyToMany") return false;
  if (options.auto !== undefined) return options.auto === "user";
  if ("default" in options || mayBeNull) return false;
  if (options.primaryKey) return kind !== "integer";
  return options.blank !== true || kind === "foreignKey";
}
