/**
 * Between the password and the code: a signed text that says whose password was right, for five minutes.
 *
 * It is bound to the password, so that a changed one ends it, and it signs nobody in by itself.
 */
import { ApiError } from "../../errors.ts";
import { BadSignature } from "../errors.ts";
import type { UserRow } from "../models.ts";
import { isSessionAuthHash, sessionAuthHash } from "../sessions/session-data.ts";
import { dumps, loads, type SecretKeys, TimestampSigner } from "../signing.ts";
import type { Users } from "../users.ts";

const lifetimeSeconds = 300;

export interface Challenges {
  /** For an account whose password was right. */
  issue(user: UserRow): string;
  /** The account of a challenge; undefined where it is out of date, or was not made here. */
  read(text: string): Promise<UserRow | undefined>;
}

export interface ChallengesOptions extends SecretKeys {
  readonly users: Pick<Users, "byId">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createChallenges(options: ChallengesOptions): Challenges {
  const signer = new TimestampSigner({ ...options, salt: "drf_auth.second_factor" });
  return {
    issue: (user) => dumps([user.id, sessionAuthHash(user.password, options.secretKey)], signer),
    async read(text) {
      const content = unsigned(text, signer);
      if (!Array.isArray(content)) return undefined;
      const [id, hash] = content;
      const user = await options.users.byId(Number(id));
      return user?.is_active && isSessionAuthHash(String(hash), user.password, options) ? user : undefined;
    },
  };
}

function unsigned(text: string, signer: TimestampSigner): unknown {
  try {
    return loads(text, signer, lifetimeSeconds);
  } catch (error) {
    if (error instanceof BadSignature) return undefined;
    throw error;
  }
}

/** The password was right, and a code has to follow. Answered with 401 and the challenge that it is sent with. */
export class SecondFactorRequired extends ApiError {
  readonly challenge: string;
  constructor(challenge: string) {
    super(401, "second_factor_required", "The password is right; expected a code of the second factor next.");
    this.challenge = challenge;
  }
  override body(): unknown {
    return { detail: this.message, code: this.code, challenge: this.challenge };
  }
}
