/**
 * What follows a conversion: the checks of the kind and the validators of the declaration, all findings of one value together.
 *
 * Null and an accepted blank are not checked further.
 * Reference: rest_framework.fields.Field.run_validators.
 */
import type { Issue } from "../../../errors.ts";
import type { Field } from "../../../model/index.ts";
import { Invalid, invalid, type Parse } from "../parser.ts";

/** A check of a converted value: a finding, or nothing. */
export type Check<V> = (value: V) => Issue | undefined;

/** The findings of some checks. */
export const findings = <V>(value: V, checks: readonly Check<V>[]): Issue[] =>
  checks.flatMap((check) => check(value) ?? []);

/** Adds the checks of a kind, and those that the field was declared with, to a conversion. */
export function checked<V>(
  field: Field,
  convert: (raw: unknown) => V | null | Invalid,
  checks: readonly Check<V>[] = [],
): Parse {
  const declared = (field.options.validators ?? []).map(
    ({ code, message, isValid }): Check<V> =>
      (value) =>
        isValid(value as never) ? undefined : { code, message },
  );
  const all = [...checks, ...declared];
  if (all.length === 0) return convert;
  const mayBeBlank = field.options.blank === true;
  return (raw) => {
    const value = convert(raw);
    if (value === null || value instanceof Invalid || (value === "" && mayBeBlank)) return value;
    const issues = findings(value, all);
    return issues.length === 0 ? value : new Invalid(issues);
  };
}

/** Reads a value that may be null, for a field that allows it or refuses it. */
export const orNull =
  (field: Field, parse: Parse): Parse =>
  (raw) =>
    raw === null ? (field.null ? null : invalid("null")) : parse(raw);
