/**
 * Reading an object with fields of its own: the whole input of an action, or a nested object in it.
 *
 * Every field is read, and all findings come back at once. What is not declared is ignored, what is read-only is not read.
 * Reference: rest_framework.serializers.Serializer.to_internal_value and rest_framework.fields.Field.validate_empty_values.
 */
import type { Issues } from "../../../errors.ts";
import type { Field, FieldMap } from "../../../model/index.ts";
import { Form } from "../form.ts";
import { formValueOf } from "../form-values.ts";
import { typeName } from "../messages.ts";
import { Invalid, invalid, issue, type MakeParser, missing, type Parse } from "../parser.ts";
import { checked, orNull } from "./checked.ts";
import { isObject, underNonField } from "./structure.ts";

export interface ReadMode {
  /** What is not sent is left out, required or not. */
  readonly partial: boolean;
  /** A field that is not sent has its default; without this it is left out (the columns of a model have theirs). */
  readonly applyDefaults: boolean;
}

/** The values of the fields that are right, and the findings about the others. */
export interface FieldsRead {
  readonly values: Record<string, unknown>;
  readonly issues?: { readonly [field: string]: Issues };
}

type ParserOf = (field: Field) => Parse;

/** Compiles a reader of objects, or forms, with these fields. */
export function compileFields(fields: FieldMap, mode: ReadMode, parserOf: ParserOf): (input: unknown) => FieldsRead {
  const steps = Object.entries(fields)
    .filter(([, field]) => !field.readOnly)
    .map(([name, field]) => ({
      name,
      fromForm: formValueOf(name, field, mode),
      parse: orNull(field, parserOf(field)),
      whenMissing: whenMissing(field, mode),
    }));
  return (input) => {
    const form = input instanceof Form ? input : undefined;
    const object = isObject(input) ? input : undefined;
    if (!object) return { values: {}, issues: { non_field_errors: [notAnObject(input)] } };
    const values: Record<string, unknown> = {};
    const issues: Record<string, Issues> = {};
    let isValid = true;
    for (const { name, fromForm, parse, whenMissing } of steps) {
      const raw = form ? fromForm(form) : Object.hasOwn(object, name) ? object[name] : missing;
      const value = raw === missing || raw === undefined ? whenMissing() : raw instanceof Invalid ? raw : parse(raw);
      if (value instanceof Invalid) {
        issues[name] = value.issues;
        isValid = false;
      } else if (value !== missing) values[name] = value;
    }
    return isValid ? { values } : { values, issues };
  };
}

const notAnObject = (input: unknown) => issue("invalid", { expected: `an object, got ${typeName(input)}` });

/** What stands for a value that was not sent: a finding, a default, or still nothing. */
function whenMissing(field: Field, { partial, applyDefaults }: ReadMode): () => unknown {
  if (!partial && field.required && !("default" in field.options)) {
    const required = invalid("required");
    return () => required;
  }
  if (partial || !applyDefaults || !("default" in field.options)) return () => missing;
  const { default: value } = field.options;
  return typeof value === "function" ? () => value() : () => value;
}

/** An object within an object has the defaults of its fields, whoever cares for those around it. */
export const nested =
  (partial: boolean): MakeParser<"nested"> =>
  (field, parserOf) => {
    const read = compileFields(field.options.fields, { partial, applyDefaults: true }, parserOf);
    const convert = (raw: unknown) => {
      const { values, issues } = read(raw);
      return issues ? new Invalid(issues) : values;
    };
    return underNonField(checked(field, convert));
  };
