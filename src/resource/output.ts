/**
 * What an action or endpoint of a user's own answers with, as fields: what `run` returns is typed by them, and shown as they say.
 *
 * Reference: the serializer that an action of a viewset answers with (`serializer_class` of rest_framework.decorators.action).
 */
import type { Awaitable } from "../db/index.ts";
import { NotFound } from "../errors.ts";
import type { Field, FieldMap, ShownOf, ValueOfField } from "../model/index.ts";
import { createSerializer } from "./serializer/serializer.ts";

/** Fields of an object, or one field for what is no object: `field.list({ of: field.text() })`. */
export type Output = FieldMap | Field;

/** What is shown by an output; anything where there is none. */
export type OutputOf<Out> = unknown extends Out
  ? unknown
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

/** Compiles what makes the body of an answer. @throws NotFound  (what it makes) there is nothing to show */
export function compileOutput(output: Output | undefined): (value: unknown) => unknown {
  if (output === undefined) return (value) => value;
  const present = (value: unknown): unknown => {
    if (value === undefined) throw new NotFound();
    return value;
  };
  if (!isField(output)) {
    const { represent } = createSerializer(output);
    return (value) => represent(present(value) as Readonly<Record<string, unknown>>);
  }
  const { represent } = createSerializer({ value: output });
  return (value) => represent({ value: present(value) }).value;
}

/** A map of fields has fields under its names. */
export const isField = (output: Output): output is Field => typeof output.kind === "string";
