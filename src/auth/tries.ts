/**
 * A secret of a known account that is tried, a password or a code: counted for the lock-out, and told in the audit log where it
 * is wrong, locks, or was refused.
 *
 * The one way for whoever is signed in already, or knew the password; a name that was typed is tried by `sign-in.ts`.
 */
import type { Request, User } from "../resource/index.ts";
import type { AuthEventFacts, AuthEvents } from "./events.ts";
import { type Attempt, LockedOut, type Lockout } from "./lockout.ts";

/** @throws LockedOut  before the secret is looked at */
export type TrySecret = <T>(
  request: Request,
  user: Pick<User, "id" | "username">,
  /** What was tried, and where. */
  what: Pick<AuthEventFacts, "detail" | "way">,
  /** Compares the secret; undefined says that it is wrong. */
  check: () => Promise<T | undefined>,
) => Promise<Attempt<T>>;

export function createTrySecret(lockout: Lockout, events: AuthEvents): TrySecret {
  return async (request, { id, username }, { way, detail }, check) => {
    const about = { userId: id, username, way };
    try {
      const attempt = await lockout.attempt(username, request.address, check);
      if (attempt.value === undefined) events.emit("authn_login_fail", { ...about, detail }, request);
      if (attempt.lockSeconds !== undefined)
        events.emit("authn_login_lock", { ...about, detail: "maxretries", waitSeconds: attempt.lockSeconds }, request);
      return attempt;
    } catch (error) {
      if (error instanceof LockedOut)
        events.emit("authn_login_fail_max", { ...about, waitSeconds: error.waitSeconds }, request);
      throw error;
    }
  };
}
