/** Query parameters of a list, as types that are read off what a resource declares: filters, search, ordering, pages. */
import type { Field, FieldMap, Row } from "../model/index.ts";
import type { DeclarationOf, FieldsOf, ModelOf, ShownBy } from "./declared.ts";

type Union<T> = (T extends unknown ? (one: T) => void : never) extends (all: infer All) => void ? All : never;
type Plain<T> = { [Name in keyof T]: T[Name] };
type Scalar = string | number | boolean;

/** What a field of the model is compared with; behind a relation nothing is known but that it is one value. */
type ValueAt<R, Name> = Name extends keyof ModelOf<R>["fields"]
  ? ModelOf<R>["fields"][Name] extends Field<infer Kind, infer _>
    ? Kind extends "boolean"
      ? boolean
      : Kind extends "integer" | "float" | "decimal" | "foreignKey" | "manyToMany"
        ? number | string
        : string
    : Scalar
  : Scalar;

type Compared<R, Name, Lookup extends string> = Lookup extends "isnull"
  ? boolean
  : Lookup extends "in" | `${string}__in`
    ? readonly ValueAt<R, Name>[]
    : Lookup extends "range" | `${string}__range`
      ? readonly [from: ValueAt<R, Name>, to: ValueAt<R, Name>]
      : Lookup extends "exact" | "gt" | "gte" | "lt" | "lte"
        ? ValueAt<R, Name>
        : Scalar;

type Lookups<R, Name extends string, Declared> = Declared extends readonly (infer Lookup extends string)[]
  ? { readonly [L in Lookup as L extends "exact" ? Name : `${Name}__${L}`]?: Compared<R, Name, L> }
  : Declared extends { readonly kind: "range" }
    ? { readonly [Bound in `${Name}_${"min" | "max" | "after" | "before"}`]?: string | number }
    : Declared extends { readonly kind: "boolean" }
      ? { readonly [N in Name]?: boolean }
      : { readonly [N in Name]?: Scalar | readonly Scalar[] };

/** The parameters of declared filters. */
type FiltersOf<R> =
  DeclarationOf<R> extends { readonly filter: infer Filters }
    ? Union<{ [Name in keyof Filters & string]: Lookups<R, Name, Filters[Name]> }[keyof Filters & string]>
    : unknown;

type SearchOf<R> =
  DeclarationOf<R> extends { readonly search: readonly [string, ...string[]] } ? { readonly search?: string } : unknown;

type Ordered<R> =
  DeclarationOf<R> extends { readonly order: infer Order }
    ? Order extends "all"
      ? keyof ModelOf<R>["fields"] & string
      : Order extends readonly (infer Path extends string)[]
        ? Path
        : never
    : never;
type OrderingOf<R> = [Ordered<R>] extends [never]
  ? unknown
  : { readonly ordering?: Ordered<R> | `-${Ordered<R>}` | readonly (Ordered<R> | `-${Ordered<R>}`)[] };

type PaginationOf<R> =
  DeclarationOf<R> extends { readonly pagination: { readonly kind: infer Kind } } ? Kind : "pageNumber";
type PagesOf<R> = {
  pageNumber: { readonly page?: number | "last"; readonly page_size?: number };
  limitOffset: { readonly limit?: number; readonly offset?: number };
  cursor: { readonly cursor?: string; readonly page_size?: number };
  none: unknown;
}[PaginationOf<R> & ("pageNumber" | "limitOffset" | "cursor" | "none")];

/** What a list may be asked with. */
export type QueryOf<R> = Plain<FiltersOf<R> & SearchOf<R> & OrderingOf<R> & PagesOf<R>>;

/** `?expand=`: related rows in place of their keys. */
type ExpansionsOf<R> =
  DeclarationOf<R> extends { readonly expand: infer Expansions } ? Expansions : Record<never, never>;
export type ExpandableOf<R> = keyof ExpansionsOf<R> & string;

type RelatedBy<Expansion> = Expansion extends {
  readonly fields: infer Fields extends FieldMap;
  readonly model?: undefined;
}
  ? Row<Fields>
  : ShownBy<Expansion>;

/** A row of which the fields `Names` are asked for (never: all), with the related rows that `Expanded` names. */
export type AskedOf<R, Names, Expanded> = {
  [Name in [Names] extends [never] ? keyof ShownBy<R> : Extract<keyof ShownBy<R>, Names>]: Name extends Expanded &
    keyof ExpansionsOf<R>
    ? ShownBy<R>[Name] extends readonly unknown[]
      ? RelatedBy<ExpansionsOf<R>[Name]>[]
      : RelatedBy<ExpansionsOf<R>[Name]> | Extract<ShownBy<R>[Name], null>
    : ShownBy<R>[Name];
};

/** Which fields and related rows are asked for. */
export interface View<Names, Expanded extends string> {
  readonly fields?: readonly Names[];
  /** Names, and paths behind them: `author`, `author.publisher`. */
  readonly expand?: readonly (Expanded | `${Expanded}.${string}`)[];
}

/** `?fields=`: the names that are left, where the resource lets clients choose. */
export type SparseOf<R> = DeclarationOf<R> extends { readonly sparseFields: true } ? keyof FieldsOf<R> : never;

/** A page of a list, by its pagination. */
export type PageOf<R, Item = ShownBy<R>> = {
  pageNumber: Counted<Item>;
  limitOffset: Counted<Item>;
  cursor: Linked<Item>;
  none: Item[];
}[PaginationOf<R> & ("pageNumber" | "limitOffset" | "cursor" | "none")];

interface Linked<Item> {
  next: string | null;
  previous: string | null;
  results: Item[];
}

interface Counted<Item> extends Linked<Item> {
  /** Null where the resource counts nothing. */
  count: number | null;
}
