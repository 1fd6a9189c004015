/**
 * Signing in by name and password: the one way for the token endpoint, the login page and Basic, so that none of them forgets
 * the lock-out or the audit log.
 */
import type { Request } from "../resource/index.ts";
import type { AuthEvents } from "./events.ts";
import { LockedOut, type Lockout } from "./lockout.ts";
import type { UserRow } from "./models.ts";
import type { Users } from "./users.ts";

/** Where a password is sent. */
export type SignInWay = "token" | "session" | "basic";

/**
 * The active account with a name and a password, or undefined.
 * @throws LockedOut  before the password is looked at
 */
export type SignIn = (
  request: Request,
  way: SignInWay,
  username: string,
  password: string,
) => Promise<UserRow | undefined>;

export interface SignInParts {
  readonly users: Pick<Users, "signIn" | "byUsername">;
  readonly lockout: Lockout;
  readonly events: AuthEvents;
}

export function createSignIn({ users, lockout, events }: SignInParts): SignIn {
  return async (request, way, username, password) => {
    const nameDigest = lockout.nameDigest(username);
    const attempt = await lockout
      .attempt(username, request.address, () => users.signIn(username, password))
      .catch((error: unknown) => {
        if (error instanceof LockedOut)
          events.emit("authn_login_fail_max", { nameDigest, way, waitSeconds: error.waitSeconds }, request);
        throw error;
      });
    const { value: user, failures, lockSeconds } = attempt;
    // Looked up for names that there are not, too: both take the same time.
    const account = user ?? (await users.byUsername(username));
    const about = { userId: account?.id, username: account?.username, nameDigest, way };
    if (user && failures > 0) events.emit("authn_login_successafterfail", { ...about, detail: failures }, request);
    else if (user) events.emit("authn_login_success", about, request);
    else events.emit("authn_login_fail", about, request);
    if (lockSeconds !== undefined)
      events.emit("authn_login_lock", { ...about, detail: "maxretries", waitSeconds: lockSeconds }, request);
    return user;
  };
}
