/**
 * The scopes of all resources together: which rows of a model a request may link to, filter by, or see through relations.
 */
import { type Awaitable, everything, nothing, type RuleOf, type Where } from "../db/index.ts";
import { ApiError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Context } from "./context.ts";
import { compilePermit } from "./permit.ts";
import type { Resource } from "./resource.ts";

/** Which rows of a model are seen from elsewhere. */
export interface Scopes {
  of(model: Model, context: Context): Awaitable<Where>;
  /** The same for one request. */
  to(context: Context): RuleOf;
  /** The resources of a model. */
  resourcesOf(model: Model): readonly Resource[];
  /** Whether whoever asks may read a resource, or any that shows rows of a model; a model that none shows is open. */
  shows(shownBy: Resource | Model, context: Context): Promise<boolean>;
  /** Whether there are rows of the model that some users may not see; the others cost nothing. */
  limits(model: Model): boolean;
}

/**
 * Puts the scopes of an app's resources together. A row is seen where one of its model's resources shows it to this user; a model
 * none of whose resources has a scope is open to links, as in the reference.
 */
export function createScopes(resources: readonly Resource[]): Scopes {
  const byModel = new Map<Model, readonly Resource[]>();
  for (const { model } of resources.filter(({ scope }) => scope))
    byModel.set(
      model,
      // One that only creates shows nothing.
      resources.filter((one) => one.model === model && showsRows(one)),
    );
  const compiled = new Map(resources.map((one) => [one, compilePermit(one.permissions)]));
  const isOpen = async (resource: Resource, context: Context): Promise<boolean> => {
    try {
      await (compiled.get(resource) ?? compilePermit(resource.permissions))(context);
      return true;
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
  };
  const ofAll = async (all: readonly Resource[], context: Context): Promise<Where> => {
    const reading = context.as("GET");
    const seen: Where[] = [];
    for (const one of all) if (await isOpen(one, reading)) seen.push(one.scope?.(context) ?? everything);
    return seen.length === 0 ? nothing : { or: seen };
  };
  /** Asked once a request, however many rows it is about. */
  const answers = new WeakMap<Context, Map<Model, Promise<Where>>>();
  const ofContext = (model: Model, all: readonly Resource[], context: Context): Promise<Where> => {
    const known = answers.get(context) ?? new Map<Model, Promise<Where>>();
    answers.set(context, known);
    const answer = known.get(model) ?? ofAll(all, context);
    known.set(model, answer);
    return answer;
  };
  const scopes: Scopes = {
    to: (context) => (model) => scopes.of(model, context),
    resourcesOf: (model) => resources.filter((one) => one.model === model),
    async shows(shownBy, context) {
      const all = "model" in shownBy ? [shownBy] : scopes.resourcesOf(shownBy).filter(showsRows);
      const reading = context.as("GET");
      for (const one of all) if (await isOpen(one, reading)) return true;
      return all.length === 0;
    },
    limits: (model) => byModel.has(model),
    of(model, context) {
      const all = byModel.get(model);
      return all ? ofContext(model, all, context) : everything;
    },
  };
  return scopes;
}

const showsRows = ({ only }: Resource): boolean => only.includes("list") || only.includes("retrieve");
