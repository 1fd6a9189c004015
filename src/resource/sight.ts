/**
 * What a request sees: the rows of a resource in its scope, and through relations those that other resources show to this user.
 *
 * Which models matter is known at start, from the paths of the declaration; where none is limited, nothing is asked per request.
 */
import { type Awaitable, everything, isEverything, type Sight, type Where } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import type { Context } from "./context.ts";
import type { Resource } from "./resource.ts";
import type { Services } from "./services.ts";

/** What this user sees; undefined where everybody sees everything. `more` are paths that no declaration names. */
export type SightOf = (context: Context, more?: readonly string[]) => Awaitable<Sight | undefined>;

/**
 * Compiles what a resource's requests see.
 * @param targets  the models whose rows are shown
 * @param paths    what may be filtered by, searched in and sorted by
 */
export function compileSight(
  { model, scope }: Resource,
  { scopes, store }: Pick<Services, "scopes" | "store">,
  targets: Iterable<Model>,
  paths: readonly string[],
): SightOf {
  /** The models that some paths lead to and whose rows may be out of sight. */
  const limitedBy = (paths: readonly string[]): Model[] => {
    const selection = store(model).selection();
    for (const path of paths) selection.resolve(path);
    return [...selection.targets].filter(scopes.limits);
  };
  const limited = new Set([...[...targets].filter(scopes.limits), ...limitedBy(paths)]);
  const sightThrough = async (models: Iterable<Model>, rows: Where, context: Context): Promise<Sight> => {
    const through = new Map<Model, Where>();
    for (const target of models) {
      const seen = await scopes.of(target, context);
      if (!isEverything(seen)) through.set(target, seen);
    }
    return { rows, through };
  };
  return (context, more = []) => {
    const models = more.length > 0 ? limited.union(new Set(limitedBy(more))) : limited;
    if (!scope && models.size === 0) return undefined;
    const rows = scope?.(context) ?? everything;
    return models.size === 0 ? { rows, through: new Map() } : sightThrough(models, rows, context);
  };
}
