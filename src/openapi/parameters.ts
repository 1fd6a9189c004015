/**
 * The parameters of an operation: keys in the path, filters, search, order, pages, views, and the headers that are looked at.
 *
 * Lists of values have commas between them (`style: form`, `explode: false`), but for links to many rows, which are repeated.
 */
import type { Models } from "../db/index.ts";
import {
  type Action,
  compileFilters,
  compileOrdering,
  type Endpoint,
  type Expansions,
  type FilterParameter,
  type Resource,
} from "../resource/index.ts";
import { typeOf } from "./choice-schema.ts";
import type { Components } from "./components.ts";
import type { Parameter, Reference, Schema } from "./document.ts";
import type { ObjectSchemas } from "./object-schema.ts";

export interface ParameterParts {
  readonly models: Models;
  readonly components: Components;
  readonly schemas: ObjectSchemas;
}

const query = (name: string, schema: Schema, description?: string): Parameter => ({
  ...{ name, in: "query", schema },
  ...(description !== undefined && { description }),
});

/** Values with commas between them. */
const several = (name: string, items: Schema, description?: string, count: Schema = {}): Parameter => ({
  ...query(name, { type: "array", items, ...count }, description),
  ...{ style: "form", explode: false },
});

/** The placeholders of a path, as OpenAPI writes them, and what they stand for. */
export function pathOf(
  { path, model }: Endpoint,
  { schemas }: ParameterParts,
): { path: string; parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const named = path.replaceAll(/:(\w+)/g, (_, own: string) => {
    const name = own === "pk" ? (model?.primaryKey ?? "id") : own;
    const schema = own === "pk" && model ? schemas.key(model) : { type: "string" };
    const isText = schema.type === "string" && schema.format === undefined && schema.pattern === undefined;
    // A dot begins a suffix (`7.json`), so no key has one.
    parameters.push({ name, in: "path", required: true, schema: isText ? { ...schema, pattern: "^[^./]+$" } : schema });
    return `{${name}}`;
  });
  return { path: named, parameters };
}

/** What a list is asked by its query. */
export const listParameters = (resource: Resource, name: string, parts: ParameterParts): Parameter[] => [
  ...rowParameters(resource, name, parts),
  ...resource.pagination.parameters.map(({ name, kind, description }) =>
    query(name, pageSchema(name, kind), description),
  ),
];

/** Which rows, and in which order: what own actions on the list are asked, too. */
export function rowParameters(resource: Resource, name: string, { models, schemas }: ParameterParts): Parameter[] {
  const { model, filter, search, order, defaultOrder, pagination } = resource;
  const place = `resource "${name}"`;
  const filters = compileFilters(filter, model, models, place).parameters;
  const ordering = compileOrdering(order, pagination.order ?? defaultOrder, model, models, place);
  const keyOf = (target: string): Schema => {
    const found = models.all.find((one) => one.name === target);
    return found ? schemas.key(found) : { type: "string" };
  };
  const words = search.map((path) => path.replace(/^[\^=$]/, "")).join(", ");
  const names = ordering.names.flatMap((one) => [one, `-${one}`]);
  return [
    ...filters.map((one) => filterParameter(one, keyOf)),
    ...(search.length > 0 ? [query("search", { type: "string" }, `Words, each of them to be found in ${words}.`)] : []),
    ...(names.length > 0
      ? [several(ordering.parameter, { type: "string", enum: names }, "What to sort by; - before a name reverses it.")]
      : []),
  ];
}

/** What a list or a row may be asked to show. */
export function viewParameters(resource: Resource): Parameter[] {
  const shown = Object.entries(resource.fields).flatMap(([name, { writeOnly }]) => (writeOnly ? [] : [name]));
  const paths = pathsIn(resource.expand, 3);
  return [
    ...(resource.sparseFields
      ? [
          several(
            "fields",
            { type: "string", enum: shown },
            "What to show of each row; everything where it is not said.",
          ),
        ]
      : []),
    ...(paths.length > 0
      ? [several("expand", { type: "string", enum: paths }, "Related rows to show in place of their keys.")]
      : []),
  ];
}

const pathsIn = (expand: Expansions, depth: number, prefix = ""): string[] =>
  depth === 0
    ? []
    : Object.entries(expand).flatMap(([name, inner]) => [
        prefix + name,
        ...pathsIn(inner.expand ?? {}, depth - 1, `${prefix}${name}.`),
      ]);

/** What an action of ours says that it reads. */
export const actionParameters = ({ query: fields = {} }: Action, schemas: ObjectSchemas): Parameter[] =>
  Object.entries(fields).map(([name, field]) => query(name, schemas.value(name, field), field.options.help));

function filterParameter(parameter: FilterParameter, keyOf: (target: string) => Schema): Parameter {
  const { name, label, kind, arity, choices, target } = parameter;
  const one: Schema = choices
    ? { type: typeOf(choices.map(([value]) => value)), enum: choices.map(([value]) => value) }
    : target === undefined
      ? kinds[kind]
      : keyOf(target);
  if (arity === "one") return query(name, one, `${label}.`);
  if (arity === "repeated")
    return { ...query(name, { type: "array", items: one }, `${label}: any of them.`), style: "form", explode: true };
  return several(name, one, `${label}.`, arity === "pair" ? { minItems: 2, maxItems: 2 } : {});
}

const kinds = {
  text: { type: "string" },
  number: { type: "number" },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  choice: { type: "string" },
  date: { type: "string", format: "date" },
  datetime: { type: "string", format: "date-time" },
  time: { type: "string" },
  duration: { type: "string" },
  uuid: { type: "string", format: "uuid" },
  key: { type: "string" },
} satisfies Record<FilterParameter["kind"], Schema>;

function pageSchema(name: string, kind: "integer" | "text"): Schema {
  if (kind === "text") return { type: "string" };
  const number: Schema = { type: "integer", minimum: name === "offset" ? 0 : 1 };
  return name === "page" ? { anyOf: [number, { type: "string", enum: ["last"] }] } : number;
}

const headers = {
  IfNoneMatch: {
    name: "If-None-Match",
    description: "ETags of what the client has; where it is one of them the answer is 304.",
  },
  Range: { name: "Range", description: "The part of the file that is wanted, such as `bytes=0-1023`." },
  IfMatch: { name: "If-Match", description: "The ETag of the state that is to be changed, or * for any." },
  IfMatchRequired: {
    name: "If-Match",
    required: true,
    description: "The ETag of the state that is to be changed, or * for any; without it the answer is 428.",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    description: "A new text for each thing to be made; sent again, it is made once and answered as the first time.",
  },
  IdempotencyKeyRequired: {
    name: "Idempotency-Key",
    required: true,
    description: "A new text for each thing to be made; sent again, it is made once and answered as the first time.",
  },
  Prefer: {
    name: "Prefer",
    description: "`handling=lenient`: what is right is done, and the answer says of each item what became of it (207).",
  },
} as const;

/** Refers to a header that requests carry. */
export const headerParameter = (name: keyof typeof headers, components: Components): Reference =>
  components.refer("parameters", name, { ...headers[name], in: "header", schema: { type: "string" } });
