/**
 * Who may: permissions on a request, and on one row.
 *
 * A resource's permissions must all agree. Before a row is looked up `check` is asked, with the row `checkObject`.
 * A refusal of somebody unknown is a 401 (or 403, see `authentication.ts`), of somebody known a 403.
 * Reference: rest_framework.permissions.
 */

import type { Awaitable } from "../db/index.ts";
import { type ApiError, ConfigurationError, PermissionDenied } from "../errors.ts";
import type { FieldMap, Row } from "../model/index.ts";
import type { Context } from "./context.ts";
import { checkArePermissions } from "./permission-checks.ts";

/** A row by field names, as the store reads it. */
export type AnyRow = Row<FieldMap>;

/**
 * A permission agrees by answering `true`; whatever is no answer, such as the `undefined` of `user?.is_staff`, refuses.
 *
 * @example
 * const officeHours: Permission = {
 *   name: "office hours",
 *   check: ({ isSafe, now }) => isSafe || new Date(now).getUTCHours() < 18,
 * };
 * @example
 * const member: Permission = {
 *   name: "member",
 *   needs: "team",
 *   checkObject: async (context, { team }) => {
 *     const user = context.user?.id ?? 0;
 *     return (await context.table(Member).count({ and: [{ path: "team", value: team }, { path: "user", value: user }] })) > 0;
 *   },
 * };
 */
export interface Permission {
  /** What people read of it in tables and pages, e.g. `owner or read-only`. */
  readonly name: string;
  /** May this request be made at all? Default: yes. */
  check?(context: Context): Awaitable<boolean>;
  /** May it be made on this row? Default: yes. */
  checkObject?(context: Context, row: AnyRow): Awaitable<boolean>;
  /** What somebody known is told whom `check` refuses. Default: a plain 403. */
  refusal?(context: Context): ApiError | undefined;
  /** `checkObject` lets everyone read, so it need not be asked before a row is shown. */
  readonly readsFreely?: boolean;
  /** The fields that the model must have for `checkObject` to work; checked when the resource is declared. */
  readonly needs?: string | readonly string[];
}

/** Anyone may do anything. Say it where you mean it: there is no default that is open. */
export const allowAny = (): Permission => ({ name: "anyone" });

/** Anyone reads, nobody writes. */
export const readOnly = (): Permission => ({ name: "read-only", check: ({ isSafe }) => isSafe });

/** Signed-in users only. */
export const authenticated = (): Permission => ({
  name: "authenticated",
  check: ({ user }) => user !== undefined,
});

/** Anyone reads, signed-in users write. */
export const authenticatedOrReadOnly = (): Permission => ({
  name: "authenticated or read-only",
  check: ({ user, isSafe }) => isSafe || user !== undefined,
});

/** Staff only (`is_staff`). */
export const admin = (): Permission => ({
  name: "staff",
  check: ({ user }) => user?.is_staff === true,
});

/**
 * Whoever may read reads; a row is changed by the user its field names, and by staff where `staff` is set.
 * @param owner  name of the field that holds the owner's key
 */
export const ownerOrReadOnly = (owner: string, options: { readonly staff?: boolean } = {}): Permission => ({
  name: options.staff ? "owner, staff, or read-only" : "owner or read-only",
  needs: owner,
  readsFreely: true,
  checkObject: ({ user, isSafe }, row) =>
    isSafe || (user !== undefined && (row[owner] === user.id || (options.staff === true && user.is_staff))),
});

const codenames: Readonly<Record<string, string>> = { POST: "add", PUT: "change", PATCH: "change", DELETE: "delete" };

/**
 * Django's model permissions: POST needs `label.add_model`, PUT and PATCH `change`, DELETE `delete`.
 * Reference: DjangoModelPermissions; with `anonymousReadOnly` DjangoModelPermissionsOrAnonReadOnly.
 */
export const modelPermissions = (options: { readonly anonymousReadOnly?: boolean } = {}): Permission => ({
  name: "model permissions",
  check: (context) => {
    const { user, method, endpoint } = context;
    if (!user && !options.anonymousReadOnly) return false;
    const codename = codenames[method];
    if (!codename || !endpoint.model) return true;
    return context.hasPermission(`${endpoint.model.label}.${codename}_${endpoint.model.modelName}`);
  },
});

/**
 * Credentials that have a scope, such as a token whose claim `scope` names it; the refusal says which one is missing (RFC 6750 3.1).
 *
 * @param unscoped  what becomes of users whose credentials are not limited to scopes, such as a session (default `refuse`)
 * @throws ConfigurationError  it is no scope (RFC 6749 3.3)
 * @example
 * permissions: [permission.scope("orders:write", { unscoped: "allow" })],
 */
export const scope = (
  name: string,
  { unscoped = "refuse" }: { readonly unscoped?: "allow" | "refuse" } = {},
): Permission => {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name))
    throw new ConfigurationError(
      `permission.scope("${name}")`,
      "expected one scope, without blanks, quotes and backslashes",
    );
  return {
    name: `scope ${name}`,
    check: ({ identity }) => identity !== undefined && (identity.scopes?.includes(name) ?? unscoped === "allow"),
    refusal: ({ identity, endpoint }) =>
      identity?.scopes
        ? new InsufficientScope(name, endpoint.challenge ?? endpoint.authenticators[0]?.challenge)
        : undefined,
  };
};

class InsufficientScope extends PermissionDenied {
  override readonly headers: Readonly<Record<string, string>>;
  constructor(scope: string, challenge = 'Bearer realm="api"') {
    super(`This needs the scope ${scope}.`, "insufficient_scope");
    this.headers = { "www-authenticate": `${challenge}, error="insufficient_scope", scope="${scope}"` };
  }
}

/** All of them must agree. */
export const all = (...permissions: readonly Permission[]): Permission => combine(" and ", permissions, "every");

/**
 * One of them must agree; on a row, one that agrees to the request as well.
 *
 * @example
 * permission.any(permission.admin(), permission.all(permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")))
 */
export const any = (...permissions: readonly Permission[]): Permission => combine(" or ", permissions, "some");

function combine(word: string, permissions: readonly Permission[], how: "every" | "some"): Permission {
  checkArePermissions(how === "every" ? "permission.all" : "permission.any", permissions);
  const ask = async (answer: (permission: Permission) => Awaitable<boolean>): Promise<boolean> => {
    for (const permission of permissions) {
      if (Boolean(await answer(permission)) !== (how === "every")) return how === "some";
    }
    return how === "every";
  };
  const check = (context: Context) => ask((permission) => agrees(permission, context));
  const checkObject = (context: Context, row: AnyRow) =>
    ask(
      async (permission) =>
        (how === "every" || (await agrees(permission, context))) && agreesOnRow(permission, context, row),
    );
  return {
    name: permissions.map(({ name }) => name).join(word),
    needs: permissions.flatMap(({ needs = [] }) => needs),
    readsFreely: permissions.every(({ checkObject, readsFreely }) => !checkObject || readsFreely === true),
    check,
    // Of one that every path leads through it is known that it refused; of several that must agree it is not.
    refusal: (context) =>
      how === "some" ? permissions.map(({ refusal }) => refusal?.(context)).find((error) => error) : undefined,
    // Only where one of them is asked about rows: `not` would take it for half of the answer.
    ...(permissions.some((permission) => permission.checkObject) && { checkObject }),
  };
}

/** What a permission says of a request; one that is not asked agrees. */
const agrees = (permission: Permission, context: Context): Awaitable<boolean> =>
  permission.check ? permission.check(context) : true;

/** What a permission says of a row; one that is not asked agrees. */
const agreesOnRow = (permission: Permission, context: Context, row: AnyRow): Awaitable<boolean> =>
  permission.checkObject ? permission.checkObject(context, row) : true;

/**
 * The opposite. One that is asked about rows is asked about them alone: what it says of the request is only half of it.
 *
 * @example
 * permission.all(permission.authenticated(), permission.not(permission.admin()))
 */
export const not = (permission: Permission): Permission => {
  checkArePermissions("permission.not", [permission]);
  const { checkObject, name, needs } = permission;
  if (!checkObject) return { name: `not ${name}`, check: async (context) => !(await agrees(permission, context)) };
  return {
    ...{ name: `not ${name}`, needs },
    checkObject: async (context, row) => !((await agrees(permission, context)) && (await checkObject(context, row))),
  };
};
