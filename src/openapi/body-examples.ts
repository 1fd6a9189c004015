/**
 * Examples of bodies in JSON, and of what is wrong with them: the shortest that the schemas allow.
 *
 * They are made of what the schemas say, so they follow the declarations; where a value cannot be guessed (most patterns) there is none.
 */
import { messageOf } from "../resource/index.ts";
import type { Content, Document, Operation, Parameter, Reference, Response, Schema } from "./document.ts";

type Resolve = (schema: Schema) => Schema;

/** The document with an example beside each body that is sent as JSON, and each 400. */
export function withExamples(document: Document): Document {
  const { schemas, parameters } = document.components;
  const last = ({ $ref }: { readonly $ref: string }): string => $ref.split("/").at(-1) ?? "";
  const resolve: Resolve = (schema) =>
    schema.$ref === undefined ? schema : (schemas[last({ $ref: schema.$ref })] ?? {});
  const parameter = (one: Parameter | Reference): Parameter | undefined =>
    "$ref" in one ? parameters[last(one)] : one;

  const operation = (one: Operation): Operation => {
    const { requestBody, responses } = one;
    const { "application/json": json, ...others } = requestBody?.content ?? {};
    const [sent = json] = Object.values(others);
    const wrong =
      sent === undefined
        ? wrongQuery((one.parameters ?? []).map(parameter))
        : wrongBody(json?.schema ?? sent.schema, resolve);
    return {
      ...one,
      ...(requestBody &&
        json && {
          requestBody: { ...requestBody, content: { ...requestBody.content, ...exampleIn(json.schema, resolve) } },
        }),
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [
          status,
          status === "400" && "description" in response ? withExample(response, wrong ?? (sent && refused)) : response,
        ]),
      ),
    };
  };
  const paths = Object.entries(document.paths).map(([path, methods]): [string, typeof methods] => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, operation(one)])),
  ]);
  return { ...document, paths: Object.fromEntries(paths) };
}

const refused = { detail: "The body is not valid JSON." };

function exampleIn(schema: Schema, resolve: Resolve): Content {
  const example = exampleOf(schema, resolve);
  return { "application/json": { schema, ...(example !== undefined && { example }) } };
}

function withExample(response: Response, example: unknown): Response {
  const { "application/json": json } = response.content ?? {};
  return json && example !== undefined
    ? { ...response, content: { "application/json": { ...json, example } } }
    : response;
}

/** Findings about a body that lacks something, or has null where that is not allowed. */
function wrongBody(schema: Schema, resolve: Resolve): unknown {
  const { type, items, anyOf, properties = {}, required = [] } = resolve(schema);
  if (anyOf?.[0]) return wrongBody(anyOf[0], resolve);
  if (type === "array" && items) {
    const inner = wrongBody(items, resolve);
    return inner === undefined ? undefined : [inner];
  }
  const [missing] = required;
  if (missing !== undefined) return { [missing]: [messageOf("required", {})] };
  const named = Object.entries(properties).find(([, inner]) => !allowsNull(inner, resolve));
  return named && { [named[0]]: [messageOf("null", {})] };
}

function allowsNull(schema: Schema, resolve: Resolve): boolean {
  const { type, anyOf = [] } = resolve(schema);
  return type === undefined && anyOf.length === 0
    ? true
    : [type].flat().includes("null") || anyOf.some((one) => allowsNull(one, resolve));
}

function wrongQuery(parameters: readonly (Parameter | undefined)[]): unknown {
  const number = parameters.find((one) => one?.in === "query" && one.schema.type === "number");
  return number && { [number.name]: [messageOf("invalid", { expected: "a number" })] };
}

/** A value that a schema allows, as short as may be; undefined where none can be guessed. */
export function exampleOf(schema: Schema, resolve: Resolve): unknown {
  const { examples, enum: choices, anyOf, type, ...about } = resolve(schema);
  if (examples) return examples[0];
  if (choices) return choices[0];
  if (anyOf) return anyOf.map((one) => exampleOf(one, resolve)).find((one) => one !== undefined);
  switch ([type].flat()[0]) {
    case undefined:
      return {};
    case "boolean":
      return true;
    case "integer":
    case "number": {
      const { minimum = 1, maximum = minimum } = about;
      return minimum <= 1 && maximum >= 1 ? 1 : minimum;
    }
    case "string":
      return textOf(about);
    case "array": {
      if (!about.minItems) return [];
      const item = exampleOf(about.items ?? {}, resolve);
      return item === undefined ? undefined : Array.from({ length: about.minItems }, () => item);
    }
    case "object":
      return objectOf(about, resolve);
    default:
      return undefined;
  }
}

function textOf({ format, pattern, contentEncoding, minLength = 0, maxLength = 100 }: Schema): string | undefined {
  if (contentEncoding === "base64") return "AA==";
  if (format !== undefined) return undefined;
  const text = "text".slice(0, maxLength).padEnd(minLength, "t");
  if (pattern === undefined) return text;
  const fits = new RegExp(pattern, "u");
  return [text, "ABC", "123", "1"].find((one) => fits.test(one) && one.length >= minLength && one.length <= maxLength);
}

/** What is required; where nothing is, one thing. */
function objectOf({ properties = {}, required }: Schema, resolve: Resolve): unknown {
  const all = Object.entries(properties);
  const values = (required ? all.filter(([name]) => required.includes(name)) : all).map(
    ([name, inner]) => [name, exampleOf(inner, resolve)] as const,
  );
  if (!required) return Object.fromEntries(values.filter(([, value]) => value !== undefined).slice(0, 1));
  return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values);
}
