/** Keys as clients send them, in a URL or in the items of an array. */
import { type Models, storedField } from "../db/index.ts";
import type { Resource } from "./resource.ts";
import { rangeCheck } from "./serializer/column-range.ts";
import { parserOf } from "./serializer/parse.ts";
import { Invalid } from "./serializer/parser.ts";

/** Reads a key that a client sent; one that the column cannot hold is none. */
export function keyParser(models: Models, { model }: Resource): (raw: unknown) => unknown {
  const field = storedField(models, model, model.primaryKey);
  const parse = parserOf(field);
  const isOutside = rangeCheck(field);
  return (raw) => {
    const value = parse(raw);
    return value instanceof Invalid || !isOutside?.(value) ? value : new Invalid([]);
  };
}
