/**
 * Reading an input: the values of its fields, and every finding at once.
 *
 * Compiled once at start. The database is asked afterwards (`checks.ts`), about the fields that are right in themselves.
 */
import type { FieldMap } from "../../model/index.ts";
import { compileFields, type FieldsRead, type ReadMode } from "./parse/object.ts";
import { parserOf } from "./parse.ts";

export type { FieldsRead, ReadMode };

/**
 * Compiles the reader of an input, which is JSON or a `Form`.
 *
 * @example
 * const read = readFields({ word: field.text() }, { partial: false, applyDefaults: true });
 * read({ word: " old " }); // { values: { word: "old" } }
 * read({});                // { values: {}, issues: { word: [{ code: "required", … }] } }
 */
export const readFields = (fields: FieldMap, mode: ReadMode): ((input: unknown) => FieldsRead) =>
  compileFields(fields, mode, (field) => parserOf(field, mode.partial));
