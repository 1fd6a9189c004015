/** The schema of a choice: an enum under a name of its own, which stays while its field has its name. */
import type { Field } from "../model/index.ts";
import type { Schema } from "./document.ts";

/** @param component  makes the component; an empty text, where that is taken, is none of the choices */
export function choiceSchema(
  { options: { choices, blank } }: Field<"choice">,
  name: string,
  component: (name: string, schema: Schema) => Schema,
): Schema {
  const all = choices.map((choice) => (typeof choice === "object" ? choice : ([choice, String(choice)] as const)));
  const labels = all
    .filter(([value, label]) => String(value) !== label)
    .map(([value, label]) => `- \`${value}\`: ${label}`);
  const schema = component(name, {
    type: typeOf(all.map(([value]) => value)),
    enum: all.map(([value]) => value),
    ...(labels.length > 0 && { description: labels.join("\n") }),
  });
  return blank ? { anyOf: [schema, { type: "string", enum: [""] }] } : schema;
}

/** The type that all of the values have, or their types. */
export function typeOf(values: readonly unknown[]): string | readonly string[] {
  const types = [...new Set(values.map((value) => (typeof value === "number" ? "number" : "string")))];
  const [one] = types;
  return types.length === 1 && one !== undefined ? one : types;
}
