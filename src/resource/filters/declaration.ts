/**
 * What a resource says about its filters: a list of lookups under a field's name, or one of the declarations made here.
 *
 *     filter: {
 *       title: ["exact", "icontains"],             // ?title=, ?title__icontains=
 *       author__name: ["exact"],                   // through a foreign key
 *       published_at: ["gte", "date__gte", "year", "isnull"],
 *       tag: filter.through("tags__slug"),         // ?tag=, under a name of its own
 *       pages: filter.range(),                     // ?pages_min=, ?pages_max=
 *       published: filter.range("published_at"),   // ?published_after=, ?published_before=
 *       cheap: filter.boolean((yes) => ({ path: "price", lookup: yes ? "lt" : "gte", value: "10" })),
 *     }
 *
 * Frozen plain data; `filters.ts` compiles it against the model.
 * Reference: django_filters.FilterSet, its `Meta.fields` and declared filters.
 */
import type { Lookup, Where } from "../../db/index.ts";

export type FilterDeclaration =
  | { readonly kind: "through"; readonly path: string; readonly lookup: Lookup }
  | { readonly kind: "range"; readonly path?: string }
  | { readonly kind: "boolean"; readonly where: (value: boolean) => Where };

/** Filters by name: lookups of the field of that name (`__` goes through a relation), or a declaration. */
export type FilterDeclarations = { readonly [name: string]: readonly Lookup[] | FilterDeclaration };

/**
 * One lookup of a field under another parameter name.
 *
 * @example
 * filter.through("tags__slug")
 */
export const through = (path: string, lookup: Lookup = "exact"): Extract<FilterDeclaration, { kind: "through" }> =>
  Object.freeze({ kind: "through", path, lookup });

/**
 * A lower and an upper bound, both inclusive, either may be left out: `_min` and `_max` of numbers, `_after` and `_before`
 * of dates and times.
 *
 * @param path  the field (default: the one the filter is named after)
 */
export const range = (path?: string): Extract<FilterDeclaration, { kind: "range" }> =>
  Object.freeze({ kind: "range", path });

/**
 * A yes-or-no question with a condition of its own for each answer; the conditions are checked when the app starts.
 */
export const boolean = (where: (value: boolean) => Where): Extract<FilterDeclaration, { kind: "boolean" }> =>
  Object.freeze({ kind: "boolean", where });
