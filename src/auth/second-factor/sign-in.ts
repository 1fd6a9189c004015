/**
 * The second step of a sign-in: whoever knew the password shows a code.
 *
 * Codes are guessed as passwords are, so they count for the same lock-out; a right password alone takes nothing back of what was
 * counted (`../sign-in.ts`).
 */
import type { Request } from "../../resource/index.ts";
import type { AuthEvents } from "../events.ts";
import { LockedOut, type Lockout } from "../lockout.ts";
import type { UserRow } from "../models.ts";
import type { Challenges } from "./challenge.ts";
import type { SecondFactor } from "./second-factor.ts";

export interface SecondStep {
  /** What a code is to be sent with; undefined for an account without a second factor. */
  challengeFor(user: UserRow): Promise<string | undefined>;
  /**
   * The account of a challenge, where this is its code; undefined for a wrong code, and for a challenge that is out of date.
   * @throws LockedOut  before the code is looked at
   */
  complete(request: Request, way: "token" | "session", challenge: string, code: string): Promise<UserRow | undefined>;
  /** Whether this is a code of an account that is signed in already. @throws LockedOut */
  check(request: Request, user: Pick<UserRow, "id" | "username">, code: string): Promise<boolean>;
}

export interface SecondStepParts {
  readonly secondFactor: SecondFactor;
  readonly challenges: Challenges;
  readonly lockout: Lockout;
  readonly events: AuthEvents;
}

export function createSecondStep({ secondFactor, challenges, lockout, events }: SecondStepParts): SecondStep {
  const attempt = async (request: Request, { id, username }: Pick<UserRow, "id" | "username">, code: string) => {
    try {
      return await lockout.attempt(username, request.address, async () =>
        (await secondFactor.verify(id, code)) ? true : undefined,
      );
    } catch (error) {
      if (error instanceof LockedOut)
        events.emit("authn_login_fail_max", { userId: id, username, waitSeconds: error.waitSeconds }, request);
      throw error;
    }
  };
  return {
    challengeFor: async (user) => ((await secondFactor.isRequired(user.id)) ? challenges.issue(user) : undefined),
    async complete(request, way, challenge, code) {
      const user = await challenges.read(challenge);
      if (!user) return undefined;
      const { value, failures } = await attempt(request, user, code);
      const about = { userId: user.id, username: user.username, way };
      if (!value) events.emit("authn_login_fail", { ...about, detail: "code" }, request);
      else if (failures > 0) events.emit("authn_login_successafterfail", { ...about, detail: failures }, request);
      else events.emit("authn_login_success", about, request);
      return value && user;
    },
    check: async (request, user, code) => (await attempt(request, user, code)).value === true,
  };
}
