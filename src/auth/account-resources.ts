/**
 * Resources over accounts, groups and permissions: what they may not be, and what follows what they write.
 *
 * An app that declares `resource(User)` lets administrators do what no route of ours does. The audit log is told, and an account that is
 * switched off loses its sessions. An app's own code that writes rows past its resources is not seen here.
 */
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Change, Context, Resource, Watcher } from "../resource/index.ts";
import type { AuthEventName, AuthEvents } from "./events.ts";
import { Group, Permission, User } from "./models.ts";
import type { TokenPairs } from "./tokens/token-pairs.ts";

/** @throws ConfigurationError  clients of a resource would write the column of passwords, and what they write would be kept as it is */
export function checkAccountResources(resources: Readonly<Record<string, Resource>>): void {
  for (const [name, { model, fields, only, hooks }] of Object.entries(resources)) {
    const isWritten = only.some((action) => /create|update/i.test(action)) && fields.password?.readOnly === false;
    if (model.table === User.table && isWritten && !hooks.preSave)
      throw new ConfigurationError(
        `resource "${name}", fields`,
        'clients would write "password" as it is, unhashed; expected fields without it, or a hook preSave that says another value, such as "!" for none',
      );
  }
}

/** What an account may do; the first two are flags, the others links. */
const entitlements = ["is_staff", "is_superuser", "groups", "user_permissions"];

/** An account whose creation says nothing of it. */
const asCreated: Readonly<Record<string, unknown>> = { is_active: true, is_staff: false, is_superuser: false };

/** Who is told of what is written to a model; undefined where it is none of those. */
export function accountWatcher(
  { events, pairs }: { readonly events: AuthEvents; readonly pairs: Pick<TokenPairs, "end"> },
  { name, table }: Pick<Model, "name" | "table">,
): Watcher | undefined {
  if (table === User.table)
    return async (context, change) => {
      const userId = Number(change.key);
      for (const [event, what] of eventsOf(change)) {
        events.emit(event, { userId, detail: [...what, byWhom(context)].join() }, context.request);
        // Or else its sessions would go on once it is switched on again.
        if (event === "user_archived") await pairs.end(userId, {});
      }
    };
  if (table === Group.table || table === Permission.table)
    return (context, { key, before, values }) => {
      const done = values === undefined ? "deleted" : before === undefined ? "created" : "changed";
      const { id, username } = context.user ?? {};
      events.emit("authz_admin", { userId: id, username, detail: `${name} ${key} ${done}` }, context.request);
    };
  return undefined;
}

const byWhom = ({ user }: Context): string => `by ${user?.id ?? "nobody"}`;

/** The events that a change of an account is, with what else there is to say of each. */
function eventsOf({ before, values }: Change): readonly (readonly [AuthEventName, readonly unknown[]])[] {
  if (values === undefined) return [["user_deleted", []]];
  const known = before ?? asCreated;
  const changed = Object.keys(values).filter((name) => !Object.is(values[name], known[name]));
  const others = changed.filter((name) => !entitlements.includes(name));
  const isArchived = others.includes("is_active") && values.is_active === false;
  const told = others.filter((name) => !(isArchived && name === "is_active"));
  return [
    ...(before === undefined ? [["user_created", []] as const] : []),
    ...changed
      .filter((name) => entitlements.includes(name))
      .map((name) =>
        typeof values[name] === "boolean"
          ? (["authz_change", [name, known[name], values[name]]] as const)
          : (["authz_change", [name]] as const),
      ),
    ...(isArchived ? [["user_archived", []] as const] : []),
    ...(before !== undefined && told.length > 0 ? [["user_updated", [told.join("+")]] as const] : []),
  ];
}
