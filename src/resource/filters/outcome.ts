/**
 * What a filter's parameter is, and what it comes to in a request: between the lookups of fields, which read it, and
 * `filters.ts`, which collects.
 */
import type { Where } from "../../db/index.ts";
import type { Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import type { Invalid } from "../serializer/parser.ts";
import type { ParameterKind } from "./values.ts";

/** How many values a parameter takes: one; some or two, separated by commas; or one each time it is repeated. */
export type Arity = "one" | "list" | "pair" | "repeated";

/** What a request's parameter comes to: a condition, and the keys of rows that must exist; or findings; or nothing. */
export type Outcome = { readonly where: Where; readonly keys?: readonly unknown[] } | Invalid | undefined;

export interface CompiledLookup {
  readonly kind: ParameterKind;
  readonly arity: Arity;
  readonly choices?: readonly (readonly [value: string | number, label: string])[];
  /** The model whose keys the parameter holds. */
  readonly target?: Model;
  readonly read: (query: QueryParameters, parameter: string) => Outcome;
}
