/** Requests to an operation, made of what the document says of it: right ones alone, or right and wrong. */
import fc from "fast-check";
import type { Parameter } from "../../src/openapi/document.ts";
import { type Known, sentBodies, valuesOf } from "./arbitraries.ts";
import type { Described } from "./contract.ts";

export interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | FormData;
}

interface Body {
  readonly body?: string | FormData;
  readonly type?: string;
}

const garbage = fc.oneof(
  fc.constantFrom("0", "x", "-1", "99999999999999999999", "", " ", "a,b", "%", "é"),
  fc.string({ maxLength: 6 }),
);

/** A text as forms and URLs carry a value; an object may have a `toString` of its own. */
const plain = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** Requests to an operation, right ones most of the time. @param keys  of rows that are there */
export function requests(described: Described, known: Known, keys: readonly unknown[]): fc.Arbitrary<Sent> {
  const { path, parameters, bodies } = described;
  const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(plain).join(",") : plain(value));
  const key = fc.oneof(
    { arbitrary: keyOf(described, known, keys), weight: 6 },
    ...keysOfPath(described, known),
    garbage,
  );
  const pair = fc.oneof(
    ...parameters
      .filter((one) => one.in === "query")
      .map(({ name, schema }) =>
        fc
          .oneof({ arbitrary: valuesOf(schema, known).map(textOf), weight: 4 }, garbage)
          .map((value): [string, string] => [name, value]),
      ),
  );
  const hasQuery = parameters.some((one) => one.in === "query");
  const pairs: fc.Arbitrary<readonly [string, string][]> = hasQuery
    ? fc.oneof(fc.constant([]), fc.array(pair, { maxLength: 3 }))
    : fc.constant([]);
  const ofHeader = parameters.filter((one) => one.in === "header");
  const values = Object.fromEntries(ofHeader.map(({ name }) => [name.toLowerCase(), headerValues(name)]));
  const headers = fc.oneof(
    { arbitrary: fc.record(values, { requiredKeys: requiredOf(ofHeader) }), weight: 6 },
    fc.record(values, { requiredKeys: [] }),
  );
  const accept = fc.oneof(
    { arbitrary: fc.constant("application/json"), weight: 15 },
    fc.constantFrom("*/*", "image/png"),
  );
  const types = Object.entries(bodies);
  const body: fc.Arbitrary<Body> =
    types.length === 0
      ? fc.constant({})
      : fc.oneof(
          ...types.map(([type, schema]) => ({ arbitrary: bodyOf(type, sentBodies(schema, known)), weight: 8 })),
          fc.constantFrom({ body: "{", type: "application/json" }, { body: "a", type: "text/plain" }, {}),
          fc.constant({ body: `"${"x".repeat(30_000)}"`, type: "application/json" }),
        );
  return fc.record({ key, pairs, headers, accept, body }).map((parts) => requestOf(path, parts));
}

/** Requests that are right by all that the document says. */
export function rightRequests(described: Described, known: Known, keys: readonly unknown[]): fc.Arbitrary<Sent> {
  const { path, parameters, bodies } = described;
  const required = parameters.filter((one) => one.in === "header" && one.required);
  const headers = fc.record(
    Object.fromEntries(
      required.map(({ name }) => [name.toLowerCase(), name === "Idempotency-Key" ? fc.uuid() : fc.constant("*")]),
    ),
  );
  const types = Object.entries(bodies);
  const body: fc.Arbitrary<Body> =
    types.length === 0
      ? fc.constant({})
      : fc.oneof(...types.map(([type, schema]) => bodyOf(type, valuesOf(schema, known), ["a.txt"])));
  const [pairs, accept] = [fc.constant([]), fc.constant("application/json")];
  return fc
    .record({ key: keyOf(described, known, keys), pairs, headers, accept, body })
    .map((parts) => requestOf(path, parts));
}

/** Keys of rows that are there; where none is, such as the document says that keys are. */
const keyOf = (described: Described, known: Known, keys: readonly unknown[]): fc.Arbitrary<string> =>
  keys.length > 0 ? fc.constantFrom(...keys.map(String)) : fc.oneof(fc.constant("1"), ...keysOfPath(described, known));

const keysOfPath = ({ parameters }: Described, known: Known): fc.Arbitrary<string>[] =>
  parameters.filter((one) => one.in === "path").map(({ schema }) => valuesOf(schema, known).map(String));

const requiredOf = (parameters: readonly Parameter[]): string[] =>
  parameters.flatMap(({ name, required }) => (required ? [name.toLowerCase()] : []));

function requestOf(
  path: string,
  {
    key,
    pairs,
    headers,
    accept,
    body: { body, type },
  }: {
    readonly key: string;
    readonly pairs: readonly (readonly [string, string])[];
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly accept: string;
    readonly body: Body;
  },
): Sent {
  // A dot ends a key, and a slash begins another path.
  const bare = encodeURIComponent(key.toWellFormed().replaceAll(/[./]/g, "-")) || "0";
  const search = pairs.map((each) => each.map((text) => encodeURIComponent(text.toWellFormed())).join("="));
  return {
    path: path.replace(/\{\w+\}/, bare) + (search.length > 0 ? `?${search.join("&")}` : ""),
    headers: { accept, ...(type === undefined ? {} : { "content-type": type }), ...headers },
    ...(body !== undefined && { body }),
  };
}

function headerValues(name: string): fc.Arbitrary<string> {
  if (name === "Prefer") return fc.constant("handling=lenient");
  if (name === "Idempotency-Key") return fc.oneof(fc.uuid(), fc.constantFrom("again", "x".repeat(300)));
  if (name === "Range") return fc.constantFrom("bytes=0-1", "bytes=0-", "bytes=5000-", "lines=1-2", "what");
  return fc.constantFrom("*", "*", "*", "*", '"other"', 'W/"other"', "what");
}

/** @param names  of files, where there are some */
function bodyOf(
  type: string,
  values: fc.Arbitrary<unknown>,
  names: readonly string[] = ["a.txt", "b.png", "none"],
): fc.Arbitrary<Body> {
  const entries = (value: unknown): [string, string][] =>
    Object.entries(typeof value === "object" && value !== null ? value : {}).flatMap(([name, inner]) =>
      [inner].flat().map((one): [string, string] => [name, one === null ? "" : plain(one)]),
    );
  switch (type) {
    case "application/json":
      return values.map((value) => ({ body: JSON.stringify(value), type }));
    case "multipart/form-data":
      return fc.tuple(values, fc.constantFrom(...names)).map(([value, name]) => {
        const form = new FormData();
        for (const [own, text] of entries(value)) {
          if (["file", "cover"].includes(own)) {
            if (name !== "none") form.append(own, new Blob([text]), name);
          } else form.append(own, text);
        }
        return { body: form };
      });
    default:
      return values.map((value) => ({ body: String(new URLSearchParams(entries(value))), type }));
  }
}
