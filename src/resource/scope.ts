/**
 * Which rows of a resource a user may see: one rule, that holds wherever these rows can be met.
 *
 * A scope is a condition made of who asks. The resource's own lists, counts, filters and rows are asked with it (`rows.ts`), what
 * is written must stay within it, and other resources may link to a row, or filter by it, only where it is seen (`Scopes`).
 * Reference: `get_queryset` of rest_framework.generics.GenericAPIView. Differs: there, relation fields of other serializers keep
 * offering every row unless each is given a queryset of its own.
 */
import { type Awaitable, everything, nothing, type PathOf, type Where } from "../db/index.ts";
import { ApiError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { User } from "./authentication.ts";
import type { Context } from "./context.ts";
import { compilePermit } from "./permit.ts";
import type { Request } from "./request.ts";
import type { Resource } from "./resource.ts";

/** Who asks, and with which request. */
export interface Asker {
  readonly user: User | undefined;
  readonly request: Request;
}

/**
 * The rows that somebody may see, as a condition.
 *
 * @example
 * const scope: Scope<typeof Note> = ({ user }) => ({ or: [{ path: "is_public", value: true }, { path: "owner", value: user?.id ?? 0 }] });
 */
export type Scope<M extends Model = Model> = (asker: Asker) => Where<PathOf<M>>;

/**
 * Rows whose field names the user; nobody else's, and none for who is not signed in.
 * @param path     a foreign key to the accounts, or a path to one such as `list.owner`
 * @param options  `staff`: staff see every row
 * @example
 * resource(Note, { scope: scope.owner("owner", { staff: true }) });
 */
export const owner =
  <const Path extends string>(path: Path, options: { readonly staff?: boolean } = {}) =>
  ({ user }: Asker): Where<Path> => {
    if (!user) return { or: [] };
    return options.staff && user.is_staff ? { and: [] } : { path, value: user.id };
  };

/** Which rows of a model may be linked to. */
export interface Scopes {
  of(model: Model, context: Context): Awaitable<Where>;
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
      resources.filter((one) => one.model === model),
    );
  const compiled = new Map(resources.map((one) => [one, compilePermit(one.permissions)]));
  const isOpen = async (resource: Resource, context: Context): Promise<boolean> => {
    try {
      await compiled.get(resource)?.(context);
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
  return {
    of(model, context) {
      const all = byModel.get(model);
      return all ? ofAll(all, context) : everything;
    },
  };
}
