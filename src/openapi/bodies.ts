/**
 * The bodies of requests, by the media types that they may have.
 *
 * A form is offered where every field is one text or number; a body with files is multipart, and JSON where it needs no file.
 */
import type { Field, FieldMap, Model } from "../model/index.ts";
import type { Components } from "./components.ts";
import type { Content, RequestBody, Schema } from "./document.ts";
import type { ObjectSchemas } from "./object-schema.ts";

export interface BodyParts {
  readonly components: Components;
  readonly schemas: ObjectSchemas;
}

/** A body whose fields these are. */
export interface BodyFields {
  /** What its components are named after, e.g. `Book`. */
  readonly name: string;
  readonly fields: FieldMap;
  /** The model whose columns they are. */
  readonly model?: Model;
  /** Anything may be left out. */
  readonly isPartial?: boolean;
}

const structures = new Set<Field["kind"]>(["list", "dict", "nested", "json"]);

/** The schema of a body in JSON, as a component. */
export function jsonBody(
  { name, fields, model, isPartial = false }: BodyFields,
  { components, schemas }: BodyParts,
): Schema {
  const body = schemas.body(name, fields, { isPartial, withoutFiles: true, ...(model && { model }) });
  return components.refer("schemas", `${name}${isPartial ? "Patch" : "Input"}`, body);
}

/** What a request carries. */
export function requestBody(body: BodyFields, parts: BodyParts): RequestBody {
  const { name, fields, model, isPartial = false } = body;
  const writable = Object.values(fields).filter(({ readOnly }) => !readOnly);
  const files = writable.filter(({ kind }) => kind === "file");
  const needsFile = !isPartial && files.some(({ required }) => required);
  const isFlat = files.length === 0 && writable.every(({ kind }) => !structures.has(kind));
  const content: Record<string, Content[string]> = {};
  if (!needsFile) content["application/json"] = { schema: jsonBody(body, parts) };
  if (isFlat) content["application/x-www-form-urlencoded"] = { schema: jsonBody(body, parts) };
  if (files.length > 0) {
    const form = parts.schemas.body(name, fields, { isPartial, ...(model && { model }) });
    const schema = parts.components.refer("schemas", `${name}${isPartial ? "PatchForm" : "Form"}`, form);
    content["multipart/form-data"] = { schema };
  }
  return { required: isPartial || writable.some(({ required }) => required), content };
}
