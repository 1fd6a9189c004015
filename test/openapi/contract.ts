/** A document as a contract: its operations, and what of an answer it does not allow. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Document, Operation, Parameter, Response, Schema } from "../../src/openapi/document.ts";

export interface Described {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Schemas of bodies by media type. */
  readonly bodies: Readonly<Record<string, Schema>>;
  readonly tag: string;
  /** The example of what a 400 says. */
  readonly wrong: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Contract {
  readonly operations: readonly Described[];
  /** The component, or the thing itself. */
  resolve<T extends object>(part: T): T;
  /** What the document does not allow of an answer; nothing where all is well. */
  faultOf(operation: Described, answer: Answered): string | undefined;
  /** The examples that their schemas do not allow, and how many there are. */
  examples(): { readonly wrong: readonly string[]; readonly count: number };
}

export function contractOf(document: Document): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  // The others are names for people: a decimal, an address that may have letters of every script, the bits of a number.
  formats.default(ajv, ["date", "date-time", "uuid"]);
  for (const name of ["decimal", "uri", "email", "binary", "int32", "int64", "double"]) ajv.addFormat(name, true);
  ajv.addSchema(closed(document) as object, "api");
  const validators = new Map<string, ValidateFunction>();
  const validatorAt = (pointer: string): ValidateFunction => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    validators.set(pointer, known);
    return known;
  };
  const at = (pointer: string): unknown =>
    pointer
      .split("/")
      .slice(1)
      .reduce<unknown>(
        (part, key) => (part as Record<string, unknown>)[key.replaceAll("~1", "/").replaceAll("~0", "~")],
        document,
      );
  const resolve = <T extends object>(part: T): T =>
    "$ref" in part && typeof part.$ref === "string" ? (at(part.$ref.slice(1)) as T) : part;

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): Described => ({
        ...{ id: operation.operationId, method: method.toUpperCase(), path, tag: operation.tags[0] ?? "" },
        wrong: (operation.responses[400] as Response | undefined)?.content?.["application/json"]?.example,
        parameters: (operation.parameters ?? []).map((one) => resolve(one) as Parameter),
        bodies: Object.fromEntries(
          Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema]),
        ),
      }),
    ),
  );

  return {
    operations,
    resolve,
    examples() {
      const wrong: string[] = [];
      let count = 0;
      const check = (pointer: string, example: unknown): void => {
        count++;
        const validate = validatorAt(pointer);
        if (!validate(example))
          wrong.push(`${pointer}: ${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`);
      };
      const visit = (part: unknown, pointer: string): void => {
        if (typeof part !== "object" || part === null) return;
        if ("example" in part && "schema" in part) check(`${pointer}/schema`, part.example);
        if ("examples" in part && Array.isArray(part.examples)) for (const one of part.examples) check(pointer, one);
        for (const [key, inner] of Object.entries(part))
          if (key !== "example" && key !== "examples")
            visit(inner, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
      };
      visit(document, "");
      return { wrong, count };
    },
    faultOf({ path, method }, { status, headers, text }) {
      const base = `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/${method.toLowerCase()}/responses`;
      const { responses } = at(base.replace(/\/responses$/, "")) as Operation;
      const isRefusal = status >= 400 && status < 500;
      const key = [String(status), ...(isRefusal ? ["default"] : [])].find((one) => one in responses);
      if (key === undefined) return `the status ${status} is not in the document`;
      const named = responses[key] as Response & { readonly $ref?: string };
      const pointer = named.$ref?.slice(1) ?? `${base}/${key}`;
      const response = resolve(named);
      for (const name of Object.keys(response.headers ?? {}))
        if (["WWW-Authenticate", "Retry-After"].includes(name) && !headers.has(name))
          return `the header ${name} is missing`;
      if (text === "") return response.content && status !== 304 ? "the body is missing" : undefined;
      if (!response.content) return `there is a body: ${text}`;
      const type = headers.get("content-type") ?? "";
      const isFile = ["*/*", `${type.split("/")[0]}/*`].some((range) => range in (response.content ?? {}));
      if (isFile) return undefined;
      if (!(type in response.content)) return `the media type ${type} is not in the document: ${text.slice(0, 300)}`;
      const validate = validatorAt(`${pointer}/content/${type.replaceAll("/", "~1")}/schema`);
      return validate(JSON.parse(text)) ? undefined : `${ajv.errorsText(validate.errors)}: ${text}`;
    },
  };
}

/** The same with objects that have what is said and no more, so that what is shown and not said is found. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== "object" || part === null) return part;
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]));
  const isObject = "properties" in inner && inner.type === "object" && !("additionalProperties" in inner);
  return isObject ? { ...inner, additionalProperties: false } : inner;
}
