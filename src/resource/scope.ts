/**
 * Which rows of a resource a user may see: one rule, that holds wherever these rows can be met.
 *
 * A scope is a condition made of who asks. The resource's own lists, counts, filters and rows are asked with it (`rows.ts`), what
 * is written must stay within it, and other resources may show a row, link to it, or search, filter and sort by it only where it is seen
 * (`scopes.ts`, `db/sight.ts`).
 * Reference: `get_queryset` of rest_framework.generics.GenericAPIView. Differs: there, relation fields of other serializers keep
 * offering every row unless each is given a queryset of its own.
 */
import type { PathOf, Where } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import type { User } from "./authentication.ts";
import type { Request } from "./request.ts";

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
export interface Scope<M extends Model = Model> {
  (asker: Asker): Where<PathOf<M>>;
  /** What it asks of a row, where that is known before anybody asks: then it is checked when the app starts. */
  readonly paths?: readonly PathOf<M>[];
}

/**
 * Rows whose field names the user; nobody else's, and none for who is not signed in.
 * @param path     a foreign key to the accounts, or a path to one such as `list.owner`
 * @param options  `staff`: staff see every row
 * @throws ConfigurationError  (at start) there is no such path
 * @example
 * resource(Note, { scope: scope.owner("owner", { staff: true }) });
 */
export const owner = <const Path extends string>(path: Path, options: { readonly staff?: boolean } = {}) => {
  const scope = ({ user }: Asker): Where<Path> => {
    if (!user) return { or: [] };
    return options.staff && user.is_staff ? { and: [] } : { path, value: user.id };
  };
  return Object.assign(scope, { paths: [path] });
};
