/**
 * What is answered where something is wrong: one shape for sentences, one for findings, and the headers beside them.
 *
 * Findings have the shape of the data that was sent (`errors.ts`): texts under the name of a field, at any depth.
 */
import {
  type ApiError,
  Conflict,
  NotAcceptable,
  NotAuthenticated,
  NotFound,
  PayloadTooLarge,
  PermissionDenied,
  PreconditionFailed,
  PreconditionRequired,
  ServiceUnavailable,
  Throttled,
  UnprocessableContent,
  UnsupportedMediaType,
} from "../errors.ts";
import type { FieldMap } from "../model/index.ts";
import type { Components } from "./components.ts";
import type { Reference, Response, Schema } from "./document.ts";

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };

/** `{"detail": "…"}`. */
const detail: Schema = {
  type: "object",
  description: "What is wrong, in a sentence.",
  properties: { detail: text },
  required: ["detail"],
};

/** A refusal of credentials says more, where more is known. */
const unauthorized: Schema = {
  type: "object",
  description: "What is wrong with the credentials.",
  properties: {
    detail: text,
    code: { ...text, description: "For machines, e.g. `token_not_valid`." },
    messages: { type: "array", items: { type: "object", additionalProperties: text } },
    challenge: { ...text, description: "Where a code of the second factor is to follow: what it is sent with." },
  },
  required: ["detail"],
};

/** It refers to itself only from within an object: compilers take no type that is an array of itself. */
const byName: Schema = { type: "object", additionalProperties: { $ref: "#/components/schemas/Findings" } };
const findings: Schema = {
  description: "What is wrong with a value: sentences about it, or findings by the name or the place of what is in it.",
  anyOf: [texts, { type: "array", items: { anyOf: [texts, byName] } }, byName],
};

export interface ErrorSchemas {
  readonly detail: Reference;
  readonly findings: Reference;
  /**
   * Findings about a body with these fields.
   * @param more  what else of a row may be wrong, such as its key
   */
  about(name: string, fields: FieldMap, more?: readonly string[]): Reference;
}

export function createErrorSchemas(components: Components): ErrorSchemas {
  const once = (name: string, schema: Schema): Reference => components.refer("schemas", name, schema);
  const structures = new Set(["list", "dict", "nested", "json", "manyToMany"]);
  return {
    get detail() {
      return once("Detail", detail);
    },
    get findings() {
      return once("Findings", findings);
    },
    about(name, fields, more = []) {
      const inner = once("Findings", findings);
      const properties = Object.entries(fields).flatMap(([own, { readOnly, kind }]): [string, Schema][] =>
        readOnly ? [] : [[own, structures.has(kind) ? inner : texts]],
      );
      return once(`${name}Errors`, {
        ...{ type: "object", description: "What is wrong, by field." },
        properties: {
          ...Object.fromEntries(more.map((own) => [own, texts])),
          ...Object.fromEntries(properties),
          non_field_errors: { ...texts, description: "About the object as a whole." },
        },
      });
    },
  };
}

const refusals = {
  401: ["Unauthorized", "Credentials are missing or not valid."],
  403: ["Forbidden", "Known, but not allowed; or a browser's request without its CSRF token."],
  404: ["NotFound", "There is nothing here, or nothing that this user sees."],
  406: ["NotAcceptable", "None of the accepted media types is offered."],
  409: ["Conflict", "Right in itself, but not in the present state of the data."],
  412: ["PreconditionFailed", "It is not in the state that If-Match or If-None-Match asks for."],
  413: ["PayloadTooLarge", "The body is larger than allowed."],
  415: ["UnsupportedMediaType", "The body's media type cannot be read here."],
  422: ["UnprocessableContent", "The Idempotency-Key came with another body before."],
  428: ["PreconditionRequired", "Expected the header If-Match."],
  429: ["TooManyRequests", "Too many requests, or too many wrong tries."],
  503: ["ServiceUnavailable", "Something that this server depends on is away."],
} as const satisfies Record<number, readonly [name: string, description: string]>;

export type Refusal = keyof typeof refusals;

/** What some of them say. */
const said: Readonly<Record<Refusal, ApiError>> = {
  401: new NotAuthenticated(),
  403: new PermissionDenied(),
  404: new NotFound(),
  406: new NotAcceptable(["application/json"]),
  409: new Conflict(),
  412: new PreconditionFailed(),
  413: new PayloadTooLarge(2_621_440),
  415: new UnsupportedMediaType("text/plain", ["application/json"]),
  422: new UnprocessableContent("This Idempotency-Key came with another body before."),
  428: new PreconditionRequired(),
  429: new Throttled(30),
  503: new ServiceUnavailable(),
};

export const isRefusal = (status: number): status is Refusal => status in refusals;

const headersOf: Partial<Record<Refusal, "Retry-After" | "WWW-Authenticate">> = {
  401: "WWW-Authenticate",
  429: "Retry-After",
  503: "Retry-After",
};

/** Headers of answers. */
const headers = {
  ETag: "Changes whenever what is shown changes; If-Match and If-None-Match compare it.",
  "Retry-After": "Seconds until it is worth another try.",
  "WWW-Authenticate": "How credentials are sent.",
  "Idempotency-Replayed": "`true` where this was answered before.",
  "Preference-Applied": "`handling=lenient` where each item was done on its own.",
} as const;

/** Refers to a header of answers. */
export const responseHeader = (name: keyof typeof headers, components: Components): Reference =>
  components.refer("headers", name, {
    description: headers[name],
    schema: name === "Retry-After" ? { type: "integer", minimum: 0 } : text,
  });

/** JSON with this schema. */
export const jsonContent = (schema: Schema, example?: unknown): Response["content"] => ({
  "application/json": { schema, ...(example !== undefined && { example }) },
});

/** Refers to a response that says no. */
export function refusalOf(status: Refusal, components: Components, errors: ErrorSchemas): Reference {
  const [name, description] = refusals[status];
  const header = headersOf[status];
  return components.refer("responses", name, {
    description,
    ...(header && { headers: { [header]: responseHeader(header, components) } }),
    content: jsonContent(
      status === 401 ? components.refer("schemas", "Unauthorized", unauthorized) : errors.detail,
      said[status].body(),
    ),
  });
}
