/**
 * A serializer: the fields of an input, what may be wrong with them, and how they are shown.
 *
 * `createSerializer` is for inputs that stand alone (an action's, an endpoint's); `createModelSerializer` adds what a model
 * asks of its rows. Both are compiled once at start.
 * Reference: rest_framework.serializers.Serializer.run_validation (the order: fields, sets of fields, the object as a whole).
 */
import type { Awaitable, Executor, Models, Store, Values, Where } from "../../db/index.ts";
import { type Issues, ValidationError } from "../../errors.ts";
import { defineField, type FieldMap, type Model } from "../../model/index.ts";
import { type Checks, createChecks } from "./checks.ts";
import type { Form } from "./form.ts";
import { readFields } from "./read-fields.ts";
import { representerOf } from "./represent.ts";

/** A check of the whole object; returns findings, or undefined. Throws nothing. */
export type Validate<V = Values> = (values: V) => Issues | undefined | Promise<Issues | undefined>;

export interface Reading {
  readonly executor: Executor;
  /** PATCH: what is not sent stays as it is. */
  readonly partial?: boolean;
  /** The row that is updated, as it was. */
  readonly before?: Values;
  /** Which rows of another model may be linked to (default: all). */
  readonly visible?: (target: Model) => Awaitable<Where>;
}

export interface Serializer {
  readonly fields: FieldMap;
  /**
   * The values of an input.
   * @throws ValidationError  with every finding at once
   */
  read(input: unknown | Form, reading: Reading): Promise<Values>;
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
  return build(Object.fromEntries(required), { applyDefaults: false, validate, checks });
}

function build(
  fields: FieldMap,
  options: { applyDefaults: boolean; validate?: Validate; checks?: Checks },
): Serializer {
  const { applyDefaults, validate, checks } = options;
  const whole = readFields(fields, { partial: false, applyDefaults });
  const part = readFields(fields, { partial: true, applyDefaults: false });
  return {
    fields,
    represent: representerOf(fields),
    async read(input, reading) {
      const { values, issues = {} } = (reading.partial ? part : whole)(input);
      if ("non_field_errors" in issues) throw new ValidationError(issues);
      const found = { ...(await checks?.fields(reading, values)), ...issues };
      if (Object.keys(found).length) throw new ValidationError(inOrderOf(fields, found));
      const together = (await checks?.sets(reading, values)) ?? (await validate?.(values));
      if (together) throw new ValidationError(Array.isArray(together) ? { non_field_errors: together } : together);
      return values;
    },
  };
}

/** Findings in the order of the fields, whoever found them. */
const inOrderOf = (fields: FieldMap, found: Readonly<Record<string, Issues>>): Record<string, Issues> =>
  Object.fromEntries(Object.keys(fields).flatMap((name) => (found[name] ? [[name, found[name]]] : [])));
