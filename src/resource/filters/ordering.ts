/**
 * Ordering: `?ordering=-price,title` sorts a list by the fields that the resource allows.
 *
 * Names that are not allowed are dropped, as clients of the reference expect; where none is left the default order stands. The
 * primary key comes last, so that rows which are otherwise equal keep their places from page to page.
 * Reference: rest_framework.filters.OrderingFilter; a foreign key sorts by the order of the model it points at
 * (django.db.models.sql.compiler.SQLCompiler.find_ordering_name).
 */
import type { Models } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { aggregateOf, type Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import { strip } from "../serializer/parse/strip.ts";
import { findField } from "./named-field.ts";

export interface Ordering {
  /** Name of the query parameter. */
  readonly parameter: "ordering";
  /** The names that may be asked for, `-` before one reverses it. */
  readonly names: readonly string[];
  /** Every path that an order may have, the default's and the primary key included. */
  readonly paths: readonly string[];
  /** Paths, `-` before a descending one; no two rows are equal in it. */
  read(query: QueryParameters): readonly string[];
}

const parameter = "ordering";

/**
 * Compiles the orders of a resource.
 * @throws ConfigurationError  an unknown field, or one that lists cannot be sorted by
 */
export function compileOrdering(
  allowed: readonly string[] | "all",
  defaultOrder: readonly string[],
  model: Model,
  models: Models,
  place: string,
): Ordering {
  const names = allowed === "all" ? sortableNames(model) : allowed;
  const orders = new Map<string, readonly string[]>();
  for (const name of names) {
    const order = expand(name, model, models, `${place}, order "${name}"`);
    orders.set(name, order).set(`-${name}`, order.map(reversed));
  }
  const alone = new Map([...orders].map(([name, order]) => [name, withTieBreaker(order, model)]));
  const standard = withTieBreaker(
    defaultOrder.flatMap((name) => expand(name, model, models, `${place}, default order "${name}"`)),
    model,
  );
  const paths = [...orders.values()].flat().concat(standard, model.primaryKey).map(pathIn);
  return {
    parameter,
    names,
    paths: [...new Set(paths)],
    read(query) {
      const asked = query.isEmpty ? undefined : query.get(parameter);
      if (!asked) return standard;
      const ready = alone.get(asked);
      if (ready) return ready;
      const order = asked.split(",").flatMap((name) => orders.get(strip(name)) ?? []);
      return order.length === 0 ? standard : withTieBreaker(order, model);
    },
  };
}

/** `-price` of `price` and the reverse. */
export const reversed = (name: string): string => (name.startsWith("-") ? name.slice(1) : `-${name}`);

/** The path in an entry of an order. */
export const pathIn = (entry: string): string => (entry.startsWith("-") ? entry.slice(1) : entry);

/** An order without what cannot matter any more, and with the primary key where rows could still be equal. */
export function withTieBreaker(order: readonly string[], model: Model): readonly string[] {
  const total: string[] = [];
  for (const entry of order) {
    if (total.some((other) => pathIn(other) === pathIn(entry))) continue;
    total.push(entry);
    if (isDistinct(pathIn(entry), model)) return total;
  }
  // An index that is walked backwards gives rows that are equal in it backwards, too; all others come as they were made.
  const [first = "", ...others] = total;
  const isWalkedBack = others.length === 0 && first.startsWith("-") && hasIndex(pathIn(first), model);
  return [...total, isWalkedBack ? `-${model.primaryKey}` : model.primaryKey];
}

function hasIndex(name: string, { fields, indexes }: Model): boolean {
  const field = fields[name];
  if (field?.kind === "foreignKey" || field?.options.unique || field?.options.index) return true;
  return indexes.some(({ fields: [entry, ...rest] }) => entry === name && rest.length === 0);
}

function isDistinct(path: string, model: Model): boolean {
  const field = model.fields[path];
  return path === model.primaryKey || (field?.options.unique === true && !field.null);
}

const unsortable = new Set(["manyToMany", "json", "binary"]);

/** What nobody is shown is no order either: rows that are sorted by it tell it, one comparison at a time. */
const sortableNames = (model: Model): string[] =>
  Object.entries(model.fields).flatMap(([name, field]) =>
    unsortable.has(field.kind) || field.writeOnly || aggregateOf(field) ? [] : [name],
  );

/** The paths that a name sorts by: one, or those of the order of the model that it points at. */
function expand(name: string, model: Model, models: Models, place: string): readonly string[] {
  const { path, field, target, isMany } = findField(pathIn(name), model, models, place);
  if (isMany || unsortable.has(field.kind)) {
    throw new ConfigurationError(
      place,
      `expected a field with one value to sort by, not of ${isMany ? "manyToMany" : field.kind}`,
    );
  }
  const own = name.startsWith("-") ? `-${path}` : path;
  if (!target || target === model || target.order.every((entry) => pathIn(entry) === target.primaryKey)) return [own];
  const order = target.order.flatMap((entry) => {
    const inner = target.fields[pathIn(entry)];
    return inner?.kind === "foreignKey"
      ? []
      : [entry.startsWith("-") ? `-${path}.${pathIn(entry)}` : `${path}.${entry}`];
  });
  return order.length === 0 ? [own] : name.startsWith("-") ? order.map(reversed) : order;
}
