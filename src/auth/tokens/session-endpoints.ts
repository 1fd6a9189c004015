/**
 * The sessions of a user: where he is signed in, and how to end that.
 *
 *     GET    /api/auth/sessions/               his own, the latest used first
 *     DELETE /api/auth/sessions/<id>/          ends one
 *     DELETE /api/auth/sessions/?others=true   ends all but the one that asks
 *     DELETE /api/auth/sessions/               ends all: log out everywhere
 *
 * `?user=7` means another user's, for superusers and for staff with Django's permission to view or to delete outstanding tokens.
 * Sessions are those of tokens (`token-sessions.ts`); a row of `django_session` does not say whose it is.
 * Differs: the reference has none of it.
 */
import { NotFound, PermissionDenied, ValidationError } from "../../errors.ts";
import {
  type Authenticator,
  type Context,
  type Endpoint,
  isoTime,
  permission,
  type Renderer,
} from "../../resource/index.ts";
import type { AuthEvents } from "../events.ts";
import { deviceOf } from "./device.ts";
import { currentSession, isSessionId } from "./session-id.ts";
import type { TokenPairs } from "./token-pairs.ts";
import type { TokenSession, TokenSessions } from "./token-sessions.ts";

export interface SessionEndpointParts {
  readonly sessions: TokenSessions;
  readonly pairs: TokenPairs;
  readonly events: AuthEvents;
  readonly authenticators: readonly Authenticator[];
  readonly renderers: readonly [Renderer, ...Renderer[]];
  /** Where they stand, e.g. `/api/auth/sessions/`. */
  readonly path: string;
}

export function sessionEndpoints({ sessions, pairs, events, path, ...shared }: SessionEndpointParts): Endpoint[] {
  const common = { ...shared, permissions: [permission.authenticated()], formatSuffix: false };
  const noContent = { status: 204 };
  const note = ({ user, request }: Context, userId: number, which: string): void => {
    const detail = user?.id === userId ? which : `${which},by ${user?.id}`;
    events.emit("session_expired", { userId, detail }, request);
  };

  /** Whose sessions a request is about; what staff do with those of others is told. */
  const asked = async (context: Context, action: "view" | "delete"): Promise<number> => {
    const userId = await askedUser(context, action);
    const { user, request } = context;
    if (userId !== user?.id) {
      const detail = `${action === "view" ? "view" : "end"} sessions of ${userId}`;
      events.emit("authz_admin", { userId: user?.id, username: user?.username, detail }, request);
    }
    return userId;
  };

  const list = async (context: Context) => {
    const userId = await asked(context, "view");
    const current = currentSession(context);
    const found = await sessions.list(userId, context.now);
    return { status: 200, data: found.map((session) => show(session, current)) };
  };

  const endAll = async (context: Context) => {
    const userId = await asked(context, "delete");
    if (!isTrue(context, "others")) {
      await pairs.end(userId, {});
      note(context, userId, "all");
      return noContent;
    }
    const except = currentSession(context);
    if (except === undefined)
      throw new ValidationError({
        others: [{ code: "invalid", message: "This request has no session; expected an access token." }],
      });
    await pairs.end(userId, { except });
    note(context, userId, "others");
    return noContent;
  };

  const end = async (context: Context) => {
    const userId = await asked(context, "delete");
    const { key } = context;
    if (!isSessionId(key) || (await pairs.end(userId, { only: key })) === 0) throw new NotFound();
    note(context, userId, key);
    return noContent;
  };

  return [
    {
      ...{ ...common, path, name: "Session List" },
      description: "Where you are signed in. DELETE ends all sessions, with ?others=true all but this one.",
      actions: { GET: { name: "list", run: list }, DELETE: { name: "endAll", run: endAll } },
    },
    {
      ...{ ...common, path: `${path}:pk/`, name: "Session" },
      description: "DELETE ends a session.",
      actions: { DELETE: { name: "end", run: end } },
    },
  ];
}

const show = (session: TokenSession, current: string | undefined) => ({
  id: session.id,
  created_at: isoTime(session.createdAt),
  last_used_at: isoTime(session.lastUsedAt),
  expires_at: isoTime(session.expiresAt),
  address: session.address,
  device: deviceOf(session.userAgent),
  user_agent: session.userAgent,
  current: session.id === current,
});

/** Whose sessions a request is about. @throws PermissionDenied */
async function askedUser(context: Context, action: "view" | "delete"): Promise<number> {
  const { user } = context;
  const asked = context.request.query.get("user");
  if (!user) throw new PermissionDenied();
  if (asked === undefined || asked === String(user.id)) return user.id;
  const isAllowed =
    user.is_superuser || (user.is_staff && (await context.hasPermission(`token_blacklist.${action}_outstandingtoken`)));
  if (!isAllowed) throw new PermissionDenied();
  if (!/^\d{1,15}$/.test(asked))
    throw new ValidationError({ user: [{ code: "invalid", message: "Expected the key of a user." }] });
  return Number(asked);
}

function isTrue({ request }: Context, name: string): boolean {
  const value = request.query.get(name) ?? "false";
  if (value === "true" || value === "false") return value === "true";
  throw new ValidationError({ [name]: [{ code: "invalid", message: "Expected true or false." }] });
}
