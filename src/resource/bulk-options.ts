/**
 * The declaration of bulk writes: which list routes take many rows at once, and how many.
 */
import { checkNames } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { CrudAction } from "./resource-options.ts";

/**
 * Many rows in one request, on the list route: POST, PUT, PATCH and DELETE of an array, as far as `only` offers the action.
 *
 * @example
 * resource(Snack, { bulk: { maxItems: 200 } });
 */
export interface BulkOptions {
  /** The most items of one request; more are refused with 400 (default 1000). */
  readonly maxItems?: number;
}

/** Reads the option `bulk` of a resource; undefined where it is off. @throws ConfigurationError */
export function readBulk(
  place: string,
  option: BulkOptions | boolean | undefined,
  only: readonly CrudAction[],
): Required<BulkOptions> | undefined {
  if (option === undefined || option === false) return undefined;
  const at = `${place}, bulk`;
  const options = option === true ? {} : option;
  checkNames(at, options, { maxItems: true }, "option");
  const { maxItems = 1000 } = options;
  if (!Number.isSafeInteger(maxItems) || maxItems < 1)
    throw new ConfigurationError(at, `expected maxItems to be a whole number from 1, got ${String(maxItems)}`);
  if (only.every((name) => name === "list" || name === "retrieve"))
    throw new ConfigurationError(at, "nothing is written here; expected `only` with create, update or delete");
  return Object.freeze({ maxItems });
}
