/** What a resource shows and takes, as components under names that follow from its own: `Book`, `BookInput`, `BookPatch`, `BookPage`. */
import type { FieldMap } from "../model/index.ts";
import type { Resource } from "../resource/index.ts";
import { type BodyFields, type BodyParts, jsonBody } from "./bodies.ts";
import type { Schema } from "./document.ts";
import { keyField } from "./object-schema.ts";

export interface ResourceShapes {
  /** What its components are named after: one of its rows. */
  readonly name: string;
  /** A row as a write answers with it. */
  row(): Schema;
  /** A row as a list or a detail shows it, whatever was asked for. */
  view(): Schema;
  /** What a list answers with. */
  page(): Schema;
  readonly input: BodyFields;
  readonly patch: BodyFields;
  /** Many rows at once, on the list. */
  readonly bulk: BulkShapes;
}

export interface BulkShapes {
  /** An array of what one row is made of. */
  created(): Schema;
  /** An array of changes, each with the key of its row. */
  changed(isPartial: boolean): Schema;
  /** An array of keys, bare or in objects. */
  deleted(): Schema;
  /** The rows, in order. */
  rows(): Schema;
  /** What became of each item, where each is done on its own. */
  outcomes(): Schema;
}

export function resourceShapes(resource: Resource, name: string, parts: BodyParts): ResourceShapes {
  const { components, schemas } = parts;
  const { model, fields, sparseFields, expand, pagination, bulk } = resource;
  const component = (own: string, schema: Schema): Schema => components.refer("schemas", own, schema);
  const hasViews = sparseFields || Object.keys(expand).length > 0;
  const row = (): Schema => component(name, schemas.row(name, fields, model));
  const view = (): Schema =>
    hasViews
      ? component(`${name}View`, schemas.row(`${name}View`, fields, model, { isSparse: sparseFields, expand }))
      : row();
  const many = (items: Schema): Schema => ({
    ...{ type: "array", items, minItems: 1 },
    ...(bulk && { maxItems: bulk.maxItems }),
  });
  const key = schemas.key(model);
  const keyed = withKey(resource);
  const input = { name, fields, model };
  return {
    ...{ name, row, view, input },
    patch: { ...input, isPartial: true },
    page() {
      const results: Schema = { type: "array", items: view() };
      if (pagination.kind === "none") return results;
      const link: Schema = { type: ["string", "null"], format: "uri" };
      const counts = pagination.counting === "none" ? ["integer", "null"] : "integer";
      const count: Record<string, Schema> = pagination.kind === "cursor" ? {} : { count: { type: counts } };
      const properties = { ...count, next: link, previous: link, results };
      return component(`${name}Page`, { type: "object", properties, required: Object.keys(properties) });
    },
    bulk: {
      created: () => many(jsonBody(input, parts)),
      changed: (isPartial) => {
        const body = schemas.body(name, keyed, { isPartial, model, withoutFiles: true });
        const required = [...new Set([model.primaryKey, ...(body.required ?? [])])];
        return many(component(`${name}Bulk${isPartial ? "Patch" : "Input"}`, { ...body, required }));
      },
      deleted: () =>
        many({
          anyOf: [key, { type: "object", properties: { [model.primaryKey]: key }, required: [model.primaryKey] }],
        }),
      rows: () => ({ type: "array", items: row() }),
      outcomes: () => ({
        type: "array",
        items: component(`${name}Outcome`, {
          type: "object",
          properties: { status: { type: "integer" }, data: row(), errors: {} },
          required: ["status"],
        }),
      }),
    },
  };
}

/** Its fields, with the key as one that is sent. */
function withKey({ model: { primaryKey, fields: own }, fields }: Resource): FieldMap {
  const field = own[primaryKey];
  return field ? { [primaryKey]: keyField(field), ...fieldsBut(fields, primaryKey) } : fields;
}

const fieldsBut = (fields: FieldMap, name: string): FieldMap =>
  Object.fromEntries(Object.entries(fields).filter(([own]) => own !== name));
