/** Which field of a row is its name. */
import type { Field, FieldMap } from "../model/index.ts";

/**
 * The field that names a row to people: the first text that is searched, or the first that each row has, its key last.
 * @param search  declared paths, such as `^name` or `author__name`
 */
export function labelFieldOf(fields: FieldMap, search: readonly string[] = []): string | undefined {
  const everywhere = Object.keys(fields).filter((name) => isText(fields[name]) && fields[name]?.required);
  return (
    search.map((path) => path.replace(/^[\^=$]/, "")).find((name) => isText(fields[name])) ??
    everywhere.find((name) => fields[name]?.options.primaryKey !== true) ??
    everywhere[0]
  );
}

const isText = (field: Field | undefined): boolean =>
  field !== undefined && !field.writeOnly && ["text", "slug", "email", "choice"].includes(field.kind);
