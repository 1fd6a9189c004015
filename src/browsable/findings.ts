/**
 * What was wrong with an input, taken from the body of the 400: by field, and about the whole.
 */
import { isObject } from "../resource/index.ts";

export interface Findings {
  /** Sentences by the name of the field. */
  readonly byField: ReadonlyMap<string, readonly string[]>;
  /** Sentences about the whole, or about what is no field of the form. */
  readonly whole: readonly string[];
}

export const nothingFound: Findings = { byField: new Map(), whole: [] };

/** The findings in a body such as `{"name": ["This field is required."]}`. */
export function findingsOf(data: unknown, fields: readonly string[]): Findings {
  if (!isObject(data)) return { byField: new Map(), whole: sentences(data) };
  const byField = new Map<string, readonly string[]>();
  const whole: string[] = [];
  for (const [name, found] of Object.entries(data)) {
    if (fields.includes(name)) byField.set(name, sentences(found));
    else if (name === "non_field_errors" || name === "detail") whole.push(...sentences(found));
    else whole.push(...sentences(found, name));
  }
  return { byField, whole };
}

/** Every sentence in a tree, with the path to it inside the field. */
function sentences(found: unknown, path = ""): string[] {
  if (Array.isArray(found)) {
    return found.flatMap((inner, i) => sentences(inner, typeof inner === "string" ? path : join(path, String(i + 1))));
  }
  if (isObject(found)) return Object.entries(found).flatMap(([name, inner]) => sentences(inner, join(path, name)));
  return found === undefined || found === null ? [] : [path === "" ? String(found) : `${path}: ${String(found)}`];
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}, ${name}`);
