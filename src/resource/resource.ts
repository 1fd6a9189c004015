/**
 * A resource: what the API does with a model. Declared once, checked and frozen at once, read by everything else.
 *
 * Reference: rest_framework.viewsets.ModelViewSet and its attributes (`serializer_class`, `permission_classes`,
 * `filterset_fields`, `search_fields`, `ordering_fields`, `pagination_class`, `@action`).
 */

import { checkNames } from "../config/index.ts";
import { isQuery } from "../db/index.ts";
import { ConfigurationError, type Issues } from "../errors.ts";
import type { Field, FieldMap, Model, Row } from "../model/index.ts";
import { type BulkOptions, readBulk } from "./bulk-options.ts";
import type { Expansion, Expansions } from "./expansion.ts";
import type { FilterDeclarations } from "./filters/index.ts";
import type { Hooks } from "./hooks.ts";
import type { Answering } from "./output.ts";
import { type ActionDeclaration, actionNames } from "./own-action.ts";
import { type Pagination, pageNumber } from "./pagination/index.ts";
import { authenticatedOrReadOnly, type Permission } from "./permissions.ts";
import type { Scope } from "./scope.ts";
import type { Validate } from "./serializer/serializer.ts";

/** The five actions of CRUD, and what they do by method. */
export const crud = ["list", "create", "retrieve", "update", "partialUpdate", "delete"] as const;
export type CrudAction = (typeof crud)[number];

const methods: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const reading: readonly CrudAction[] = ["list", "retrieve"];

/** Names that a resource may show: the model's fields and the extra ones. */
type Names<M extends Model, Extra> = (keyof M["fields"] | keyof Extra) & string;

export interface ResourceOptions<
  M extends Model,
  Extra extends FieldMap = FieldMap,
  Inputs = Record<string, FieldMap>,
  Outputs = Record<string, unknown>,
> {
  /** What is shown and accepted, in this order (default: every field of the model, then the extra ones). */
  readonly fields?: readonly NoInfer<Names<M, Extra>>[];
  /** Fields that are no columns: computed, nested, found through a relation; one with a column's name takes its place. */
  readonly extra?: Extra;
  /**
   * Fields of the model that clients may not set.
   * @example
   * resource(Article, { readOnly: ["published_at"] });
   */
  readonly readOnly?: readonly (keyof M["fields"] & string)[];
  /** Which of the five actions there are (default all; only reading for a query). */
  readonly only?: readonly CrudAction[];
  /** Whether the list route takes many rows at once, and how many (default: no; `true`: at most 1000). */
  readonly bulk?: BulkOptions | boolean;
  /** All must agree (default: anyone reads, signed-in users write). */
  readonly permissions?: readonly Permission[];
  /** Which rows a user may see (default: every row). */
  readonly scope?: NoInfer<Scope<M>>;
  /**
   * Whether `?fields=id,title` leaves only these of the fields that a list or a row shows, and reads no others (default: ignored).
   * @example
   * resource(Book, { sparseFields: true });
   */
  readonly sparseFields?: boolean;
  /**
   * Related rows that `?expand=author` shows in place of their keys, in lists and rows: by the name of a foreign key or a
   * many-to-many field the fields of the related row, or a resource of its model. One within another is `?expand=author.publisher`, three levels at most. A row out of
   * sight is null; where permissions keep the user from the related resource, the key stays.
   * @example
   * resource(Book, { expand: { author: { fields: { name: Author.fields.name } }, publisher: publishers } });
   */
  readonly expand?: { readonly [Name in NoInfer<Names<M, Extra>>]?: Expansion };
  /** Query parameters that filter lists. */
  readonly filter?: FilterDeclarations;
  /** Paths that `?search=` looks at; `^` begins with, `=` equals, `$` matches. */
  readonly search?: readonly string[];
  /** Paths that `?ordering=` may name, or "all" of the model's own. */
  readonly order?: readonly string[] | "all";
  /** Order of lists that ask for none (default: the model's). */
  readonly defaultOrder?: readonly string[];
  readonly pagination?: Pagination;
  readonly actions?: { readonly [Name in keyof Inputs]: ActionDeclaration<M, Inputs[Name]> } & {
    readonly [Name in keyof Outputs]: Answering<Outputs[Name]>;
  };
  /** Whether a create may, or must, be sent with an `Idempotency-Key`, to be done once however often it is sent (default: ignored). */
  readonly idempotencyKey?: "optional" | "required";
  /** Your own code around what is written. */
  readonly hooks?: Hooks<M>;
  /**
   * A check of the whole object, once its fields are right; returns findings by field, or undefined. It is given what was sent, in a
   * PATCH some of the fields, and the row as it is, `before`, which is undefined where one is created. The row is not locked yet: a
   * rule that must hold whoever else writes belongs in `hooks.preSave`.
   * @example
   * resource(Trip, {
   *   validate(values, { before }) {
   *     const { begins, ends } = { ...before, ...values };
   *     if (begins && ends && ends < begins) return { ends: [{ code: "order", message: "Expected a day after the first." }] };
   *   },
   * });
   */
  readonly validate?: (
    values: Partial<Row<M["fields"]>>,
    state: { readonly before: Row<M["fields"]> | undefined },
  ) => Issues | undefined | Promise<Issues | undefined>;
  /**
   * Whether PUT, PATCH and DELETE of a row need the header `If-Match`, so that nobody overwrites what they have not seen; without it
   * they are answered with 428 (default false: it is compared where it is sent). The ETag it names is that of the row as its
   * detail is answered in JSON without `indent` in the Accept header, `?fields=` and `?expand=`; PUT, PATCH and POST answer with the
   * new one. `*` is any state.
   * @example
   * resource(Article, { requireIfMatch: true });
   */
  readonly requireIfMatch?: boolean;
  /**
   * Name of its throttle rate: what is asked of its list, its rows and its own actions counts together.
   * @example
   * resource(Report, { throttleScope: "report" });
   */
  readonly throttleScope?: string;
  /**
   * Whether its URLs answer a browser with pages (default true); without them it answers in JSON alone.
   * @example
   * resource(Reading, { pages: false });
   */
  readonly pages?: boolean;
  /** Title for people (default: from the model's name). */
  readonly title?: string;
  /** What it is, for people: OPTIONS, pages and OpenAPI show it. */
  readonly description?: string;
}

/** What the type of a resource keeps of its declaration, for clients whose types are read off it. */
export interface ResourceDeclaration {
  readonly fields?: readonly string[];
  readonly extra?: FieldMap;
  readonly readOnly?: readonly string[];
  readonly only?: readonly CrudAction[];
  readonly filter?: FilterDeclarations;
  readonly order?: readonly string[] | "all";
  readonly pagination?: Pagination;
  readonly bulk?: BulkOptions | boolean;
  readonly search?: readonly string[];
  readonly sparseFields?: boolean;
  readonly expand?: object;
  readonly actions?: { readonly [name: string]: { readonly method: string; readonly on: string } };
}

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
  for (const [name, extra] of Object.entries<FieldMap[string]>(options.extra ?? {})) {
    if (model.fields[name]?.options.auto !== undefined && !extra.readOnly) {
      throw new ConfigurationError(
        `${place}, extra "${name}"`,
        "the server sets that column; expected a read-only field",
      );
    }
  }
  const readOnly = new Set<string>(options.readOnly);
  const fields: Record<string, FieldMap[string]> = {};
  for (const name of options.fields ?? Object.keys(known)) {
    const field = known[name];
    if (!field) throw unknownName(`${place}, fields`, name, known);
    fields[name] = readOnly.has(name) ? Object.freeze({ ...field, readOnly: true, required: false }) : field;
  }
  for (const name of readOnly) if (!(name in known)) throw unknownName(`${place}, readOnly`, name, known);
  const permissions = options.permissions ?? [authenticatedOrReadOnly()];
  for (const { needs = [], name } of permissions) {
    for (const field of [needs].flat())
      if (!(field in model.fields)) throw unknownName(`${place}, permission "${name}"`, field, model.fields);
  }
  const only = options.only ?? (isQuery(model) ? reading : crud);
  for (const name of only)
    if (!crud.includes(name))
      throw new ConfigurationError(`${place}, only`, `expected ${crud.join(", ")}, got "${name}"`);
  const writing = only.filter((name) => !reading.includes(name));
  if (isQuery(model) && writing.length > 0)
    throw new ConfigurationError(
      `${place}, only`,
      `a query is only read; expected ${reading.join(", ")}, got "${writing[0]}"`,
    );
  if (options.requireIfMatch) {
    const at = `${place}, requireIfMatch`;
    if (!writing.some((name) => name !== "create"))
      throw new ConfigurationError(
        at,
        `no row is changed here; expected update, partialUpdate or delete among ${only.join(", ")}`,
      );
    if (permissions.some(({ name }) => name === "read-only"))
      throw new ConfigurationError(at, "the permissions are read-only; expected some that let somebody write");
  }
  if (only.includes("create")) checkCreatable(place, model, fields, options.hooks?.preSave !== undefined);
  const { idempotencyKey } = options;
  if (idempotencyKey !== undefined && !only.includes("create"))
    throw new ConfigurationError(`${place}, idempotencyKey`, 'is of no use without "create"');
  if (idempotencyKey !== undefined && idempotencyKey !== "optional" && idempotencyKey !== "required")
    throw new ConfigurationError(
      `${place}, idempotencyKey`,
      `expected "optional" or "required", got "${idempotencyKey}"`,
    );
  const actions = (options.actions ?? {}) as Readonly<Record<string, ActionDeclaration>>;
  for (const [name, declaration] of Object.entries(actions)) {
    const { method } = declaration;
    checkNames(`${place}, action "${name}"`, declaration, actionNames, "option");
    if ((crud as readonly string[]).includes(name))
      throw new ConfigurationError(
        `${place}, actions`,
        `"${name}" is one of the five actions of every resource; expected another name`,
      );
    if (!methods.includes(method))
      throw new ConfigurationError(`${place}, action "${name}"`, `expected ${methods.join(", ")}, got "${method}"`);
  }
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

const optionNames = {
  fields: true,
  extra: true,
  readOnly: true,
  only: true,
  bulk: true,
  permissions: true,
  scope: true,
  hooks: true,
  sparseFields: true,
  expand: true,
  filter: true,
  search: true,
  order: true,
  defaultOrder: true,
  pagination: true,
  actions: true,
  idempotencyKey: true,
  validate: true,
  requireIfMatch: true,
  throttleScope: true,
  pages: true,
  title: true,
  description: true,
} satisfies Record<keyof ResourceOptions<Model>, true>;

/** Rows need a value in every column that has no default, and clients are the only ones who can give it. */
function checkCreatable(place: string, model: Model, shown: FieldMap, hasHook: boolean): void {
  for (const [name, field] of Object.entries(model.fields)) {
    const isNeeded = field.required || (name === model.primaryKey && !hasHook && isKeyMissing(model, field));
    if (!isNeeded || field.kind === "manyToMany" || shown[name]?.readOnly === false) continue;
    throw new ConfigurationError(
      place,
      `"create" needs a value of "${name}"; expected it among the fields that clients may set, a default, or \`only\` without "create"`,
    );
  }
}

/** Whether nobody but a client gives the key: our tables give numbers, those of others may give what they like. */
const isKeyMissing = ({ managed }: Model, { kind, options }: Field): boolean =>
  managed && kind !== "integer" && !("default" in options) && options.auto === undefined;

const unknownName = (place: string, name: string, known: FieldMap): ConfigurationError =>
  new ConfigurationError(place, `"${name}" is not a field; fields: ${Object.keys(known).join(", ")}`);

/** `book_tag` -> `Book Tag`. */
const titleOf = (name: string): string =>
  name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
