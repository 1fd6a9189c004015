/**
 * What a resource can be told: its options, and their names.
 *
 * Reference: the attributes of rest_framework.viewsets.ModelViewSet (`serializer_class`, `permission_classes`,
 * `filterset_fields`, `search_fields`, `ordering_fields`, `pagination_class`, `@action`).
 */
import type { Issues } from "../errors.ts";
import type { FieldMap, Model, Row } from "../model/index.ts";
import type { BulkOptions } from "./bulk-options.ts";
import type { Expansion } from "./expansion.ts";
import type { FilterDeclarations } from "./filters/index.ts";
import type { Hooks } from "./hooks.ts";
import type { Answering } from "./output.ts";
import type { ActionDeclaration } from "./own-action.ts";
import type { Pagination } from "./pagination/index.ts";
import type { Permission } from "./permissions.ts";
import type { Scope } from "./scope.ts";

/** The five actions of CRUD, and what they do by method. */
export const crud = ["list", "create", "retrieve", "update", "partialUpdate", "delete"] as const;
export type CrudAction = (typeof crud)[number];

/** Those that change nothing. */
export const reading: readonly CrudAction[] = ["list", "retrieve"];

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

/** The names of the options, closed by the compiler: any other is a mistake in writing. */
export const optionNames = {
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
