/**
 * What a request's query parameters ask of a list: filters, search, order. Compiled once from the declaration.
 */
import { type Awaitable, after, everything, type Where } from "../db/index.ts";
import { computedFields, withComputed } from "./computed.ts";
import type { Context } from "./context.ts";
import {
  compileFilters,
  compileOrdering,
  compileSearch,
  type FilterParameter,
  type MissingRows,
  type Ordering,
  type RowCheck,
} from "./filters/index.ts";
import type { Pagination } from "./pagination/index.ts";
import type { Resource } from "./resource.ts";
import type { Services } from "./services.ts";

const noneMissing: MissingRows = new Map();

/** What a list may be asked, for documents and pages. */
export interface OfferedParameters {
  readonly filters: readonly FilterParameter[];
  /** The declared paths that `?search=` looks at; none where it is not offered. */
  readonly search: readonly string[];
  /** What `?ordering=` may name, `-` before it for the other direction. */
  readonly ordering: readonly string[];
  /** How it comes in pages. */
  readonly pagination: Pagination;
}

export interface ListParameters {
  readonly offered: OfferedParameters;
  readonly ordering: Ordering;
  /** Every path that a request may filter by, search in or sort by. */
  readonly paths: readonly string[];
  /** The names of its query parameters, but for those of pages. */
  readonly names: readonly string[];
  /**
   * The conditions of a request: its filters and its search.
   * @throws ValidationError  naming every wrong parameter
   */
  conditions(context: Context): Awaitable<Where>;
}

/** @throws ConfigurationError  an unknown field, or a lookup that makes no sense for it */
export function compileListParameters(resource: Resource, services: Services, place: string): ListParameters {
  const model = withComputed(resource.model, computedFields(resource));
  const { models, database } = services;
  const filters = compileFilters(resource.filter, model, models, place);
  const search = compileSearch(resource.search, model, models, place);
  const ordering = compileOrdering(
    resource.order,
    resource.pagination.order ?? resource.defaultOrder,
    model,
    models,
    place,
  );
  /** Those of the rows that parameters name which this user does not see, or nobody. */
  const missingOf = async (checks: readonly RowCheck[], context: Context): Promise<MissingRows> => {
    const missing = new Map<RowCheck, readonly unknown[]>();
    for (const check of checks) {
      const absent = await absentOf(check, context);
      if (absent.length > 0) missing.set(check, absent);
    }
    return missing;
  };
  const absentOf = async ({ target, keys }: RowCheck, context: Context): Promise<readonly unknown[]> => {
    const found = await services.store(target).existing(database, keys, await services.scopes.of(target, context));
    return keys.filter((key) => !found.has(key));
  };
  const { parameters, paths } = filters;
  const { search: searched, pagination } = resource;
  return {
    offered: Object.freeze({ filters: parameters, search: searched, ordering: ordering.names, pagination }),
    ordering,
    paths: [...paths, ...search.paths, ...ordering.paths],
    names: [...parameters.map(({ name }) => name), ordering.parameter],
    conditions(context) {
      const { query } = context.request;
      if (query.isEmpty) return everything;
      const asked = filters.read(query);
      return after(asked.checks.length > 0 ? missingOf(asked.checks, context) : noneMissing, (missing) => {
        const and = [...asked.where(missing)];
        const words = search.read(query);
        if (words) and.push(words);
        return { and };
      });
    },
  };
}
