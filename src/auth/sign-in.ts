/**
 * Signing in by name and password: the one way for the token endpoint, the login page and Basic, so that none of them forgets
 * the lock-out or the audit log.
 */
import { AuthenticationFailed } from "../errors.ts";
import type { Request } from "../resource/index.ts";
import type { AuthEvents } from "./events.ts";
import { LockedOut, type Lockout } from "./lockout/lockout.ts";
import type { UserRow } from "./models.ts";
import { SecondFactorRequired } from "./second-factor/challenge.ts";
import type { SecondStep } from "./second-factor/sign-in.ts";
import type { Users } from "./users.ts";

/** Where a password is sent. */
export type SignInWay = "token" | "session" | "basic";

/**
 * The active account with a name and a password, or undefined.
 * @throws LockedOut             before the password is looked at
 * @throws SecondFactorRequired  the password is right, and a code has to follow
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
  /** Where accounts may have a second factor. */
  readonly secondStep?: Pick<SecondStep, "challengeFor"> | undefined;
}

export function createSignIn({ users, lockout, events, secondStep }: SignInParts): SignIn {
  const check = async (request: Request, way: SignInWay, username: string, password: string) => {
    const user = await users.signIn(username, password);
    const challenge = user && (await secondStep?.challengeFor(user));
    if (challenge === undefined) return user;
    const about = { userId: user?.id, username: user?.username, way };
    // Thrown, and so neither counted nor taken as a success: or else codes could be guessed between two right passwords.
    if (way !== "basic") {
      events.emit("authn_login_success", { ...about, detail: "password" }, request);
      throw new SecondFactorRequired(challenge);
    }
    events.emit("authn_login_fail", { ...about, detail: "second_factor" }, request);
    throw new AuthenticationFailed(
      "This account has a second factor, which Basic cannot carry; expected a token or a session.",
      "second_factor_required",
    );
  };
  return async (request, way, username, password) => {
    const nameDigest = lockout.nameDigest(username);
    const attempt = await lockout
      .attempt(username, request.address, () => check(request, way, username, password))
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
