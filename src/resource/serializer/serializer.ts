/**
 * A serializer: the fields of an input, what may be wrong with them, and how they are shown.
 *
 * `createSerializer` is for inputs that stand alone (an action's, an endpoint's); `createModelSerializer` adds what a model
 * asks of its rows. Both are compiled once at start.
 * Reference: rest_framework.serializers.Serializer.run_validation (the order: fields, sets of fields, the object as a whole).
 */
import {
  type Awaitable,
  after,
  type Executor,
  type Models,
  type Store,
  type Values,
  type Where,
} from "../../db/index.ts";
import { type Issues, ValidationError } from "../../errors.ts";
import type { Target } from "../../media/index.ts";
import { defineField, type FieldMap, type Model } from "../../model/index.ts";
import { type Checks, createChecks } from "./checks.ts";
import { filesOf } from "./files.ts";
import type { Form } from "./form.ts";
import { withTargets } from "./named-targets.ts";
import { type FieldsRead, readFields } from "./read-fields.ts";
import { representerOf } from "./represent.ts";

/** A check of the whole object, beside the row that it changes; returns findings, or undefined. Throws nothing. */
export type Validate<V = Values> = (
  values: V,
  state: { readonly before: Values | undefined },
) => Issues | undefined | Promise<Issues | undefined>;

export interface Reading {
  readonly executor: Executor;
  /** PATCH: what is not sent stays as it is. */
  readonly partial?: boolean;
  /**
   * What is unique is written next, and asked of its index by that: it is looked up before only if something else is wrong, to tell
   * everything at once.
   */
  readonly leavesUnique?: boolean;
  /** Own code may yet set what was not sent, so that nothing is known of it. */
  readonly fillsIn?: boolean;
  /** Which rows of another model may be linked to (default: all). */
  readonly visible?: (target: Model) => Awaitable<Where>;
}

/** One of the inputs that are read together. */
export interface Item {
  readonly input: unknown | Form;
  /** The row that is updated, as it was. */
  readonly before?: Values;
}

export interface Serializer {
  readonly fields: FieldMap;
  /** What each of its file fields takes; undefined where it has none. */
  readonly files: ReadonlyMap<string, Target> | undefined;
  /**
   * The values of an input.
   * @param before  the row that is updated, as it was
   * @throws ValidationError  with every finding at once
   */
  read(input: unknown | Form, reading: Reading, before?: Values): Promise<Values>;
  /** The values of each input, or what is wrong with it. The database is asked about all of them together. */
  readAll(items: readonly Item[], reading: Reading): Promise<(Values | ValidationError)[]>;
  /** The object that a client gets for plain values. */
  represent(object: Values): Record<string, unknown>;
}

/** A serializer of its own, with `validate` for the object as a whole. */
export function createSerializer(fields: FieldMap, validate?: Validate): Serializer {
  return build(fields, { applyDefaults: true, validate });
}

/** A serializer of a model's rows. `fields` are the model's and those added to them, in the order of the output. */
export function createModelSerializer(
  store: Store,
  fields: FieldMap,
  models: Models,
  storeOf: (model: Model) => Store,
  validate?: Validate,
): Serializer {
  const together = new Set(store.model.unique.flat());
  const required = Object.entries(fields).map(([name, field]) =>
    together.has(name) && !field.readOnly && !("default" in field.options)
      ? [name, defineField(field.kind, { ...field.options, required: true })]
      : [name, field],
  );
  const checks = createChecks(store, fields, models, storeOf);
  return build(withTargets(Object.fromEntries(required), models), { applyDefaults: false, validate, checks });
}

/** An input as it was read, and the row that it changes. */
type Parsed = FieldsRead & Pick<Item, "before">;

function build(
  fields: FieldMap,
  options: { applyDefaults: boolean; validate?: Validate; checks?: Checks },
): Serializer {
  const { applyDefaults, validate, checks } = options;
  const whole = readFields(fields, { partial: false, applyDefaults });
  const part = readFields(fields, { partial: true, applyDefaults: false });
  /** Asks the database, then what is declared about the object as a whole. */
  const judge = (parsed: readonly Parsed[], reading: Reading): Awaitable<(Values | ValidationError)[]> =>
    after(checks?.fields(reading, parsed), (asked) => {
      const faults = parsed.map(({ issues }, i) => faultOf(issues, asked?.[i]));
      const right = parsed.map((item, i) => (faults[i] ? { values: {} } : item));
      return after(checks?.sets(reading, right), async (sets) => {
        const results: (Values | ValidationError)[] = [];
        for (const [i, { values }] of right.entries()) {
          const state = { before: parsed[i]?.before };
          const together = faults[i] ? undefined : (sets?.[i] ?? (validate && (await validate(values, state))));
          const fault = together && (Array.isArray(together) ? { non_field_errors: together } : together);
          results.push(faults[i] ?? (fault ? new ValidationError(fault) : values));
        }
        return results;
      });
    });
  /** What is wrong with the fields of an input, found while it was read and asked of the database. */
  const faultOf = (read: FieldsRead["issues"], asked: Record<string, Issues> | undefined) => {
    if (read && "non_field_errors" in read) return new ValidationError(read);
    const found = read ? { ...asked, ...read } : asked;
    return found && hasKeys(found) ? new ValidationError(inOrderOf(fields, found)) : undefined;
  };
  const readAll: Serializer["readAll"] = async (items, reading) => {
    const read = reading.partial ? part : whole;
    const parsed = items.map(({ input, before }) => ({ ...read(input), before }));
    if (reading.leavesUnique && !parsed.some(({ issues }) => issues)) {
      const results = await judge(parsed, reading);
      if (!results.some((result) => result instanceof ValidationError)) return results;
    }
    return judge(parsed, reading.leavesUnique ? { ...reading, leavesUnique: false } : reading);
  };
  return {
    fields,
    files: filesOf(fields),
    represent: representerOf(fields),
    readAll,
    async read(input, reading, before) {
      const [read = {}] = await readAll([{ input, before }], reading);
      if (read instanceof ValidationError) throw read;
      return read;
    },
  };
}

function hasKeys(object: object): boolean {
  for (const _ in object) return true;
  return false;
}

/** Findings in the order of the fields, whoever found them. */
const inOrderOf = (fields: FieldMap, found: Readonly<Record<string, Issues>>): Record<string, Issues> =>
  Object.fromEntries(Object.keys(fields).flatMap((name) => (found[name] ? [[name, found[name]]] : [])));
