/**
 * The audit log: every event of authentication and authorization, to the log and to the app's own hook.
 *
 * Whatever signs in, out or refuses calls `emit`. An event holds no secret: no password, no token, no session key; a name that
 * was typed is told only where an account has it (people type passwords there), else by a keyed digest.
 * Reference: OWASP Logging Vocabulary Cheat Sheet (names, order of what stands behind the colon, levels).
 * Differs: what is CRITICAL there is a warning in our log, whose errors are faults of the server; `severity` says it.
 */
import { escapeControls, type Logger, type Measurement } from "../config/index.ts";
import { isoTime, type Request } from "../resource/index.ts";

const severities = {
  authn_login_success: "info",
  authn_login_successafterfail: "info",
  authn_login_fail: "warning",
  authn_login_fail_max: "warning",
  authn_login_lock: "warning",
  authn_password_change: "info",
  authn_password_change_fail: "critical",
  authn_token_created: "info",
  authn_token_revoked: "info",
  authn_token_reuse: "critical",
  authz_fail: "critical",
  authz_change: "warning",
  authz_admin: "warning",
  session_created: "info",
  session_renewed: "info",
  session_expired: "info",
  session_use_after_expire: "critical",
  user_created: "warning",
  user_updated: "warning",
  user_archived: "warning",
  user_deleted: "warning",
} as const;

/** OWASP's names. */
export type AuthEventName = keyof typeof severities;
export const authEventNames: readonly string[] = Object.keys(severities);

/** What an event may say besides its name. */
export interface AuthEventFacts {
  /** Key of the account that it is about. */
  readonly userId?: number | undefined;
  /** Its name, where it is at hand. */
  readonly username?: string | undefined;
  /** Keyed digest of the name that was typed: the same for the same name. */
  readonly nameDigest?: string | undefined;
  /** What was used: `token`, `session` or `basic`. */
  readonly way?: string | undefined;
  /** The second word behind the colon: a reason, the id of a token, a number of tries, an action. */
  readonly detail?: string | number | undefined;
  /** For how long further tries are refused, seconds. */
  readonly waitSeconds?: number | undefined;
}

/**
 * An event of the audit log.
 *
 * @example
 * const { event } = { event: "authn_login_fail:7,wrong", name: "authn_login_fail", severity: "warning", userId: 7 };
 */
export interface AuthEvent extends AuthEventFacts {
  readonly name: AuthEventName;
  /** Name, colon, and whom and what it is about, with commas: `authn_token_revoked:7,0f3a`. */
  readonly event: string;
  readonly severity: "info" | "warning" | "critical";
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Of the client; undefined where no request caused the event. */
  readonly address?: string;
  readonly requestId?: string;
  /** The first 200 characters; control characters are escaped. */
  readonly userAgent?: string;
}

/** An app's own hook: puts events into a table, sends an e-mail. What it throws is logged, and changes no answer. */
export type AuthEventHook = (event: AuthEvent) => unknown;

/** The request that caused an event. */
export type Cause = Pick<Request, "address" | "id" | "headers">;

export interface AuthEvents {
  emit(name: AuthEventName, facts: AuthEventFacts, cause?: Cause): void;
  /** How many there were, by name. */
  measure(): readonly Measurement[];
}

export interface AuthEventsOptions {
  readonly log: Logger;
  readonly hook?: AuthEventHook | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const MAX_AGENT = 200;
const MAX_TEXT = 256;

/** Makes what writes the audit log. */
export function createAuthEvents({ log, hook, now }: AuthEventsOptions): AuthEvents {
  const hookFailed = (error: unknown): void =>
    log.error("onAuthEvent failed", { error: error instanceof Error ? error : new Error(String(error)) });
  const counts = new Map<AuthEventName, number>();
  return {
    measure: () =>
      [...counts].map(([event, value]) => ({ name: "drf_auth_auth_events_total", labels: { event }, value })),
    emit(name, facts, cause) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const event: AuthEvent = Object.freeze({ name, ...shown(name, facts), time: isoTime(now()), ...causeOf(cause) });
      const { name: _, time: __, severity, userId, requestId, nameDigest, userAgent, waitSeconds, ...rest } = event;
      log[severity === "info" ? "info" : "warning"]("auth event", {
        ...{ event: rest.event, severity, user: userId, username: rest.username, name_digest: nameDigest },
        ...{ way: rest.way, wait_s: waitSeconds, remote: rest.address, request_id: requestId, user_agent: userAgent },
      });
      if (!hook) return;
      // Whatever it does, now or later, the request goes on.
      const told = async (): Promise<unknown> => hook(event);
      told().catch(hookFailed);
    },
  };
}

const bounded = (text: string, length: number): string => escapeControls(text.slice(0, length));

function shown(name: AuthEventName, { username, detail, ...facts }: AuthEventFacts) {
  const { userId, nameDigest } = facts;
  const about = [userId ?? nameDigest ?? "unknown", ...(detail === undefined ? [] : [detail])];
  return {
    ...facts,
    event: bounded(`${name}:${about.join(",")}`, MAX_TEXT),
    severity: severities[name],
    ...(detail !== undefined && { detail: typeof detail === "string" ? bounded(detail, MAX_TEXT) : detail }),
    ...(username !== undefined && { username: bounded(username, MAX_TEXT) }),
  };
}

function causeOf(cause: Cause | undefined) {
  if (!cause) return {};
  const agent = cause.headers["user-agent"];
  return {
    address: cause.address,
    ...(cause.id !== "" && { requestId: cause.id }),
    ...(agent !== undefined && { userAgent: bounded(agent, MAX_AGENT) }),
  };
}
