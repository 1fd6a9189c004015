/**
 * What OPTIONS tells: media types, and the fields that POST and PUT accept from this user.
 * Reference: rest_framework.metadata.SimpleMetadata.
 */
import type { Choice, Field, FieldKind, FieldMap } from "../model/index.ts";
import { parsers } from "./body.ts";
import type { Context } from "./context.ts";
import { mayAsk, mayUse } from "./permit.ts";

const types: Record<FieldKind, string> = {
  boolean: "boolean",
  text: "string",
  email: "email",
  url: "url",
  slug: "slug",
  uuid: "string",
  ip: "string",
  integer: "integer",
  float: "float",
  decimal: "decimal",
  datetime: "datetime",
  date: "date",
  time: "time",
  duration: "field",
  choice: "choice",
  json: "field",
  binary: "field",
  list: "list",
  dict: "nested object",
  nested: "nested object",
  foreignKey: "field",
  manyToMany: "field",
  computed: "field",
  file: "file upload",
};

/** The body of an answer to OPTIONS. */
export async function describe(context: Context): Promise<Record<string, unknown>> {
  const { endpoint } = context;
  const actions: Record<string, unknown> = {};
  if (endpoint.model || endpoint.described) {
    for (const method of ["POST", "PUT"]) {
      const input = endpoint.actions[method] && (endpoint.described ?? endpoint.actions[method].input);
      // As in the reference a row is looked up for PUT alone: POST makes one, or is an action.
      const isAllowed = method === "PUT" ? mayUse : mayAsk;
      if (input && (await isAllowed(context, method))) actions[method] = describeFields(input.fields);
    }
  }
  return {
    name: endpoint.name,
    description: endpoint.description,
    renders: endpoint.renderers.map(({ mediaType }) => mediaType),
    parses: parsers,
    ...(Object.keys(actions).length ? { actions } : {}),
  };
}

const describeFields = (fields: FieldMap): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, describeField(field, name)]));

function describeField(field: Field, name?: string): Record<string, unknown> {
  const { options } = field;
  const facts: Record<string, unknown> = {
    type: "image" in options && options.image === true ? "image upload" : types[field.kind],
    required: field.required,
    read_only: field.readOnly,
    label: options.label ?? (name === undefined ? undefined : labelOf(name)),
    help_text: options.help,
    min_length: "minLength" in options ? options.minLength : undefined,
    max_length: "maxLength" in options && field.kind !== "choice" ? options.maxLength : undefined,
    min_value: "min" in options ? options.min : undefined,
    max_value: "max" in options ? options.max : undefined,
  };
  if ("of" in options && options.of) facts.child = describeField(options.of as Field);
  if ("fields" in options) facts.children = describeFields(options.fields as FieldMap);
  if ("choices" in options && !field.readOnly) {
    facts.choices = (options.choices as readonly Choice[]).map((choice) =>
      typeof choice === "object"
        ? { value: choice[0], display_name: choice[1] }
        : { value: choice, display_name: String(choice) },
    );
  }
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}

/** `published_at` -> `Published at`. */
export const labelOf = (name: string): string => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
