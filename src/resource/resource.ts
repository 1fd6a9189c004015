/**
 * A resource: what the API does with a model. Declared once, checked and frozen at once, read by everything else.
 *
 * Reference: rest_framework.viewsets.ModelViewSet.
 */
import { checkNames } from "../config/index.ts";
import { isQuery } from "../db/index.ts";
import type { Field, FieldMap, Model } from "../model/index.ts";
import { type BulkOptions, readBulk } from "./bulk-options.ts";
import type { Expansions } from "./expansion.ts";
import type { FilterDeclarations } from "./filters/index.ts";
import { type Hooks, hookNames } from "./hooks.ts";
import type { ActionDeclaration } from "./own-action.ts";
import { type Pagination, pageNumber } from "./pagination/index.ts";
import { authenticatedOrReadOnly, type Permission } from "./permissions.ts";
import {
  checkActions,
  checkCreatable,
  checkExtra,
  checkFields,
  checkIdempotency,
  checkIfMatch,
  checkOnly,
  checkPermissions,
} from "./resource-checks.ts";
import {
  type CrudAction,
  crud,
  optionNames,
  type ResourceDeclaration,
  type ResourceOptions,
  reading,
} from "./resource-options.ts";
import type { Scope } from "./scope.ts";
import type { Validate } from "./serializer/serializer.ts";

export interface Resource<M extends Model = Model, Declaration = unknown> {
  readonly model: M;
  /** Never there: only the type knows how the resource was declared. */
  readonly declaration?: Declaration;
  /** What is shown and accepted, in order. */
  readonly fields: FieldMap;
  readonly only: readonly CrudAction[];
  readonly bulk?: Required<BulkOptions>;
  readonly permissions: readonly Permission[];
  readonly scope?: Scope;
  readonly sparseFields: boolean;
  readonly expand: Expansions;
  readonly filter: FilterDeclarations;
  readonly search: readonly string[];
  readonly order: readonly string[] | "all";
  readonly defaultOrder: readonly string[];
  readonly pagination: Pagination;
  readonly actions: Readonly<Record<string, ActionDeclaration>>;
  readonly idempotencyKey?: "optional" | "required";
  readonly hooks: Hooks;
  readonly validate?: Validate;
  readonly requireIfMatch: boolean;
  readonly throttleScope?: string;
  readonly pages: boolean;
  readonly title: string;
  readonly description: string;
}

/**
 * Declares what the API does with a model.
 *
 * @throws ConfigurationError  an unknown option, field or action, a permission on a field that is not there, an action with
 *   the name of a CRUD action, a row that could never be created
 * @example
 * resource(Snack, { permissions: [permission.ownerOrReadOnly("owner")], search: ["name"], order: ["name"] });
 */
export function resource<
  M extends Model,
  const Extra extends FieldMap = Record<never, never>,
  const Inputs = Record<never, never>,
  const Outputs = Record<never, never>,
  const Declaration extends ResourceDeclaration = Record<never, never>,
>(model: M, declared?: ResourceOptions<M, Extra, Inputs, Outputs> & Declaration): Resource<M, Declaration> {
  const options: ResourceOptions<M, Extra, Inputs, Outputs> = declared ?? {};
  const place = `resource of "${model.name}"`;
  checkNames(place, options, optionNames, "option");
  const known: FieldMap = { ...model.fields, ...options.extra };
  checkExtra(place, model, options.extra ?? {});
  const shown = options.fields ?? Object.keys(known);
  checkFields(`${place}, fields`, shown, known);
  const readOnly = new Set<string>(options.readOnly);
  checkFields(`${place}, readOnly`, readOnly, known);
  const fields: Record<string, Field> = {};
  for (const name of shown) {
    const field = known[name];
    if (!field) continue;
    fields[name] = readOnly.has(name) ? Object.freeze({ ...field, readOnly: true, required: false }) : field;
  }
  const permissions = options.permissions ?? [authenticatedOrReadOnly()];
  checkPermissions(place, model, permissions);
  checkNames(`${place}, hooks`, options.hooks ?? {}, hookNames, "hook");
  const only = options.only ?? (isQuery(model) ? reading : crud);
  checkOnly(place, model, only);
  if (options.requireIfMatch) checkIfMatch(place, only, permissions);
  if (only.includes("create")) checkCreatable(place, model, fields, options.hooks?.preSave !== undefined);
  const { idempotencyKey } = options;
  if (idempotencyKey !== undefined) checkIdempotency(place, only, idempotencyKey);
  const actions = (options.actions ?? {}) as Readonly<Record<string, ActionDeclaration>>;
  checkActions(place, actions);
  return Object.freeze({
    model,
    fields: Object.freeze(fields),
    only,
    bulk: readBulk(place, options.bulk, only),
    permissions,
    // What is general reads of a row what the declaration's own type says of it.
    scope: options.scope as Scope | undefined,
    hooks: (options.hooks ?? {}) as Hooks,
    sparseFields: options.sparseFields ?? false,
    expand: (options.expand ?? {}) as Expansions,
    filter: options.filter ?? {},
    search: options.search ?? [],
    order: options.order ?? [],
    defaultOrder: options.defaultOrder ?? model.order,
    pagination: options.pagination ?? pageNumber(),
    actions,
    idempotencyKey,
    validate: options.validate as Resource["validate"],
    requireIfMatch: options.requireIfMatch ?? false,
    throttleScope: options.throttleScope,
    pages: options.pages ?? true,
    title: options.title ?? titleOf(model.modelName),
    description: options.description ?? "",
  });
}

/** `book_tag` -> `Book Tag`. */
const titleOf = (name: string): string =>
  name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
