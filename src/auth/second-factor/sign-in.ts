/**
 * The second step of a sign-in: whoever knew the password shows a code.
 *
 * Codes are guessed as passwords are, so they count for the same lock-out; a right password alone takes nothing back of what was
 * counted (`../sign-in.ts`).
 */
import type { Request } from "../../resource/index.ts";
import type { AuthEvents } from "../events.ts";
import type { UserRow } from "../models.ts";
import type { TrySecret } from "../tries.ts";
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
  /** Turns the second factor on with its first code. @returns the recovery codes; undefined for a wrong code. @throws LockedOut */
  confirm(
    request: Request,
    user: Pick<UserRow, "id" | "username">,
    code: string,
  ): Promise<readonly string[] | undefined>;
}

export interface SecondStepParts {
  readonly secondFactor: SecondFactor;
  readonly challenges: Challenges;
  readonly trySecret: TrySecret;
  readonly events: AuthEvents;
}

export function createSecondStep({ secondFactor, challenges, trySecret, events }: SecondStepParts): SecondStep {
  const attempt = (request: Request, user: Pick<UserRow, "id" | "username">, code: string, way?: "token" | "session") =>
    trySecret(request, user, { way, detail: "code" }, async () =>
      (await secondFactor.verify(user.id, code)) ? true : undefined,
    );
  return {
    challengeFor: async (user) => ((await secondFactor.isRequired(user.id)) ? challenges.issue(user) : undefined),
    async complete(request, way, challenge, code) {
      const user = await challenges.read(challenge);
      if (!user) return undefined;
      const { value, failures } = await attempt(request, user, code, way);
      if (!value) return undefined;
      const about = { userId: user.id, username: user.username, way };
      if (failures > 0) events.emit("authn_login_successafterfail", { ...about, detail: failures }, request);
      else events.emit("authn_login_success", about, request);
      return user;
    },
    check: async (request, user, code) => (await attempt(request, user, code)).value === true,
    async confirm(request, user, code) {
      const { value } = await trySecret(request, user, { detail: "code" }, () => secondFactor.confirm(user.id, code));
      return value;
    },
  };
}
