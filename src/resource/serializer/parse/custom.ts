/**
 * Values of a kind that an app made: its own parser first, then the checks of the kind whose column it has.
 * Reference: rest_framework.fields.Field.run_validation (to_internal_value, then the validators).
 */
import type { CustomKind } from "../../../model/index.ts";
import { Invalid, type Parse } from "../parser.ts";

/** Carries a finding out of an app's parser. */
class Refused {
  readonly invalid: Invalid;
  constructor(invalid: Invalid) {
    this.invalid = invalid;
  }
}

const refuse = (code: string, message: string): never => {
  throw new Refused(new Invalid([{ code, message }]));
};

/** @param column  the parser of the kind of its column, whose checks hold as well */
export const custom =
  ({ parse, toColumn }: CustomKind<unknown>, column: Parse): Parse =>
  (raw) => {
    try {
      const value = parse(raw, refuse);
      const stored = column(toColumn ? toColumn(value) : value);
      return stored instanceof Invalid || !toColumn ? stored : value;
    } catch (error) {
      if (error instanceof Refused) return error.invalid;
      throw error;
    }
  };
