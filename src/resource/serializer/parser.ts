/**
 * The contract of reading one value that a client sent: a value of the field's own type comes out, or findings.
 *
 * Parsers are made once, at start, from a field's options; they are pure and synchronous. What needs the database (does the
 * row exist, is the value unique) is asked afterwards, for all fields together (`checks.ts`).
 */
import type { Issue, Issues } from "../../errors.ts";
import type { Field, FieldKind } from "../../model/index.ts";
import { type Code, type MessageValues, messageOf } from "./messages.ts";

/** Stands for "was not sent". */
export const missing: unique symbol = Symbol("missing");

/** What is wrong with a value. */
export class Invalid {
  readonly issues: Issues;
  constructor(issues: Issues) {
    this.issues = issues;
  }
}

/** One finding, by its code. */
export const issue = (code: Code, values: MessageValues = {}): Issue => ({ code, message: messageOf(code, values) });

/** A value with one finding. */
export const invalid = (code: Code, values: MessageValues = {}): Invalid => new Invalid([issue(code, values)]);

/** Reads a value that is there and not null. */
export type Parse = (raw: unknown) => unknown;

/** Makes the parser of a field; `parserOf` makes that of an inner field (a list's item). */
export type MakeParser<K extends FieldKind> = (field: Field<K>, parserOf: (field: Field) => Parse) => Parse;
