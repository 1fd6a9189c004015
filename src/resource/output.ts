/**
 * What an action or endpoint of a user's own answers with, as fields: what `run` returns is typed by them, and shown as they say.
 *
 * Reference: the serializer that an action of a viewset answers with (`serializer_class` of rest_framework.decorators.action).
 */
import type { Awaitable } from "../db/index.ts";
import { NotFound } from "../errors.ts";
import type { Field, FieldMap, ShownOf, ValueOfField } from "../model/index.ts";
import { Download } from "./download.ts";
import type { Result } from "./endpoint.ts";
import { createSerializer } from "./serializer/serializer.ts";

/**
 * Fields of an object, or one field for what is no object: `field.list({ of: field.text() })`. `field.file()` alone is a file that is
 * sent: `run` returns `download(path)`.
 */
export type Output = FieldMap | Field;

/** What is shown by an output; anything where there is none. */
export type OutputOf<Out> = unknown extends Out
  ? unknown
  : Out extends Field<"file">
    ? Download
    : Out extends Field
      ? ValueOfField<Out>
      : Out extends FieldMap
        ? ShownOf<Out>
        : unknown;

/** What declares an answer: `run` returns what `output` shows, or undefined where there is nothing to show (404). */
export interface Answering<Out> {
  readonly output?: Out;
  run(...given: never): Awaitable<OutputOf<Out> | undefined>;
}

/**
 * Compiles what makes an answer of what own code returns: a file, nothing (204, where no other status is declared), or a body.
 * @throws NotFound  (what it makes) there is nothing to show, where `output` says what that would be
 */
export function compileAnswer({
  output,
  status,
}: {
  readonly output?: Output;
  readonly status?: number;
}): (data: unknown) => Result {
  const body = compileOutput(output);
  const isFile = output !== undefined && isField(output) && output.kind === "file";
  return (data) => {
    if (data instanceof Download) {
      // Or documents, and clients made of them, would expect JSON.
      if (!isFile) throw new TypeError("expected `output: field.file()` where run returns download(path)");
      return { status: 200, file: data.path };
    }
    if (data === undefined && output === undefined) return { status: status ?? 204 };
    return { status: status ?? 200, data: body(data) };
  };
}

function compileOutput(output: Output | undefined): (value: unknown) => unknown {
  if (output === undefined) return (value) => value;
  const present = (value: unknown): unknown => {
    if (value === undefined) throw new NotFound();
    return value;
  };
  if (!isField(output)) {
    const { represent } = createSerializer(output);
    return (value) => represent(present(value) as Readonly<Record<string, unknown>>);
  }
  if (output.kind === "file")
    return (value) => {
      present(value);
      throw new TypeError("expected download(path) of run, as its output is a file");
    };
  const { represent } = createSerializer({ value: output });
  return (value) => represent({ value: present(value) }).value;
}

/** A map of fields has fields under its names. */
export const isField = (output: Output): output is Field => typeof output.kind === "string";
