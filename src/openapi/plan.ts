/** What an action reads and answers with, before it is written down: one row for each action of a resource, and one for all others. */
import { type Action, type Endpoint, isField } from "../resource/index.ts";
import { type BodyParts, requestBody } from "./bodies.ts";
import type { Content, Parameter, Reference, RequestBody, Response, Schema } from "./document.ts";
import {
  actionParameters,
  headerParameter,
  listParameters,
  type ParameterParts,
  rowParameters,
  viewParameters,
} from "./parameters.ts";
import type { ResourceShapes } from "./resource-shapes.ts";
import { type ErrorSchemas, jsonContent, type Refusal, responseHeader } from "./responses.ts";

export interface Plan {
  readonly parameters: readonly (Parameter | Reference)[];
  readonly body?: RequestBody;
  /** Answers that are no refusals, by status. */
  readonly answers: Readonly<Record<string, Response>>;
  /** What a 400 says; nothing where nothing is read that could be wrong. */
  readonly wrong: readonly Schema[];
  readonly refusals: readonly Refusal[];
}

export interface PlanParts extends ParameterParts, BodyParts {
  readonly errors: ErrorSchemas;
}

/** The action of a resource. */
export interface Described {
  readonly endpoint: Endpoint;
  readonly action: Action;
  readonly method: string;
}

/** What the answers to a body may be refused with. */
const ofBody: readonly Refusal[] = [413, 415];

/** The plan of an action of a resource: reading, writing, and the same for many rows. */
export function crudPlan({ endpoint, action }: Described, shapes: ResourceShapes, parts: PlanParts): Plan | undefined {
  const { resource } = endpoint;
  const { components, errors } = parts;
  if (!resource) return undefined;
  const header = (name: Parameters<typeof headerParameter>[0]) => headerParameter(name, components);
  const tagged = { ETag: responseHeader("ETag", components) };
  const replayed = resource.idempotencyKey && {
    "Idempotency-Replayed": responseHeader("Idempotency-Replayed", components),
  };
  const found = (schema: Schema) => ({
    200: { description: "What there is.", headers: tagged, content: jsonContent(schema) },
    304: { description: "It has not changed.", headers: tagged },
  });
  const lenient = (): Response => ({
    description: "What became of each item (`Prefer: handling=lenient`).",
    headers: { "Preference-Applied": responseHeader("Preference-Applied", components), ...replayed },
    content: jsonContent(shapes.bulk.outcomes()),
  });
  const about = () => errors.about(shapes.name, resource.fields, resource.bulk ? [resource.model.primaryKey] : []);
  const aboutMany = () => [about(), { type: "array", items: about() }];
  const manyBody = (schema: Schema): RequestBody => ({ required: true, content: { "application/json": { schema } } });
  const many = (description: string, schema: Schema): Response => ({ description, content: jsonContent(schema) });
  const ifMatch = header(resource.requireIfMatch ? "IfMatchRequired" : "IfMatch");
  const ofRow: readonly Refusal[] = [409, 412, ...(resource.requireIfMatch ? ([428] as const) : [])];
  const views = viewParameters(resource);
  // A row is looked for among those that the filters leave.
  const filters = Object.keys(resource.filter).length > 0 ? [errors.findings] : [];
  const changed = (isPartial: boolean): Plan => ({
    parameters: [ifMatch],
    body: requestBody(isPartial ? shapes.patch : shapes.input, parts),
    answers: { 200: { description: "The row as it is now.", headers: tagged, content: jsonContent(shapes.row()) } },
    wrong: [about()],
    refusals: [...ofBody, ...ofRow],
  });
  const changedMany = (isPartial: boolean): Plan => ({
    parameters: [header("Prefer")],
    body: manyBody(shapes.bulk.changed(isPartial)),
    answers: { 200: many("The rows as they are now.", shapes.bulk.rows()), 207: lenient() },
    wrong: aboutMany(),
    refusals: [...ofBody, 409, 412],
  });
  const create = (): Plan => {
    const { idempotencyKey } = resource;
    const one = requestBody(shapes.input, parts);
    const json = one.content["application/json"];
    // Where a row needs a file there is no JSON, and so no array.
    const bulk = resource.bulk && json !== undefined;
    const withMany = { ...one.content, "application/json": { schema: anyOf(json?.schema, shapes.bulk.created()) } };
    return {
      parameters: [
        ...(idempotencyKey
          ? [header(idempotencyKey === "required" ? "IdempotencyKeyRequired" : "IdempotencyKey")]
          : []),
        ...(bulk ? [header("Prefer")] : []),
      ],
      body: bulk ? { ...one, content: withMany } : one,
      answers: {
        201: {
          description: bulk ? "The row that was made, or the rows." : "The row that was made.",
          headers: { ...tagged, ...replayed },
          content: jsonContent(bulk ? anyOf(shapes.row(), shapes.bulk.rows()) : shapes.row()),
        },
        ...(bulk && { 207: lenient() }),
      },
      wrong: bulk ? aboutMany() : [about()],
      refusals: [...ofBody, 409, 412, ...(idempotencyKey ? ([422] as const) : [])],
    };
  };

  switch (action.name) {
    case "list":
      return {
        parameters: [...listParameters(resource, shapes.name, parts), ...views, header("IfNoneMatch")],
        answers: found(shapes.page()),
        wrong: [errors.findings],
        refusals: [412],
      };
    case "retrieve":
      return {
        parameters: [...views, header("IfNoneMatch")],
        answers: found(shapes.view()),
        wrong: views.length > 0 ? [errors.findings] : filters,
        refusals: [412],
      };
    case "create":
      return create();
    case "update":
      return changed(false);
    case "partialUpdate":
      return changed(true);
    case "delete":
      return {
        parameters: [ifMatch],
        answers: { 204: { description: "It is gone." } },
        wrong: filters,
        refusals: ofRow,
      };
    case "bulkUpdate":
      return changedMany(false);
    case "bulkPartialUpdate":
      return changedMany(true);
    case "bulkDelete":
      return {
        parameters: [header("Prefer")],
        body: manyBody(shapes.bulk.deleted()),
        answers: { 204: { description: "They are gone." }, 207: lenient() },
        wrong: aboutMany(),
        refusals: [...ofBody, 409, 412],
      };
    default:
      return undefined;
  }
}

const anyOf = (...schemas: readonly (Schema | undefined)[]): Schema => {
  const known = schemas.filter((schema) => schema !== undefined);
  return known.length === 1 && known[0] ? known[0] : { anyOf: known };
};

/**
 * The plan of any other action: what it says that it takes and gives.
 * @param name  what its components are named after, e.g. `TaskDone`
 */
export function plainPlan({ endpoint, action, method }: Described, name: string, parts: PlanParts): Plan {
  const { components, schemas, errors } = parts;
  const { input, query, isOwn = false } = action;
  const { resource } = endpoint;
  const isPartial = method === "PATCH" && !isOwn;
  const body = { name: isPartial ? name.replace(/Patch$/, "") : name, fields: input?.fields ?? {}, isPartial };
  return {
    parameters: [
      ...actionParameters(action, schemas),
      ...(isFile(action) ? [headerParameter("IfNoneMatch", components), headerParameter("Range", components)] : []),
      ...(resource && method === "GET" && listsRows(endpoint, action) ? rowParameters(resource, name, parts) : []),
    ],
    ...(input && { body: requestBody(body, parts) }),
    answers: plainAnswers(action, name, parts),
    wrong: [...(input ? [errors.about(name, input.fields)] : []), ...(query ? [errors.findings] : [])],
    refusals: input ? ofBody : [],
  };
}

const isFile = ({ output }: Action): boolean => output !== undefined && isField(output) && output.kind === "file";

/** Whether own code may answer with the rows that `list()` gives it: those that the query asks for, without pages. */
const listsRows = ({ on }: Endpoint, { isOwn, output }: Action): boolean =>
  isOwn === true && on === "list" && (output === undefined || (isField(output) && output.kind === "list"));

/** What it answers with where it does what it is for; own code that does not say what it shows may show nothing. */
function plainAnswers(
  { output, status, isOwn }: Action,
  name: string,
  { components, schemas }: PlanParts,
): Readonly<Record<string, Response>> {
  const empty: Response = { description: "Done." };
  if (status === 204) return { 204: empty };
  if (output === undefined)
    return {
      [status ?? 200]: { description: "Done.", content: jsonContent({}) },
      ...(isOwn && status === undefined && { 204: { description: "Done, and there is nothing to show." } }),
    };
  if (!isField(output)) {
    const schema = components.refer("schemas", `${name}Output`, schemas.answer(name, output));
    return { [status ?? 200]: { description: "Done.", content: jsonContent(schema) } };
  }
  if (output.kind === "file") {
    const type = "image" in output.options && output.options.image ? "image/*" : "*/*";
    const content: Content = { [type]: { schema: { type: "string", format: "binary" } } };
    return {
      200: { description: "The file.", content },
      206: { description: "A part of it.", content },
      304: { description: "It has not changed." },
      416: { description: "It has no such part." },
    };
  }
  return { [status ?? 200]: { description: "Done.", content: jsonContent(schemas.value(name, output)) } };
}
