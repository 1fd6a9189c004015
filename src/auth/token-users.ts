/**
 * Whose a token is: the claim that names an account, by the field that USER_ID_FIELD chooses.
 * Reference: rest_framework_simplejwt.authentication.JWTAuthentication.get_user.
 */
import type { Awaitable } from "../db/index.ts";
import type { User } from "../resource/index.ts";
import type { UserRow } from "./models.ts";
import type { TokenClaims } from "./tokens.ts";
import type { Users } from "./users.ts";

export const userIdFields = ["id", "username"] as const;

export interface TokenUserSettings {
  readonly userIdField: (typeof userIdFields)[number];
  readonly userIdClaim: string;
}

export interface TokenUsers {
  /** What the tokens of a user name him by. */
  keyOf(user: Pick<User, "id" | "username">): number | string;
  /** What a token names its user by; undefined where nobody can be called that. */
  keyIn(claims: TokenClaims): number | string | undefined;
  /** The whole account that a token names. */
  account(claims: TokenClaims): Awaitable<UserRow | undefined>;
}

export function createTokenUsers(users: Users, { userIdField, userIdClaim }: TokenUserSettings): TokenUsers {
  if (userIdField === "username") {
    // PostgreSQL has no null characters, so nobody is called that.
    const nameIn = ({ user_id: name }: TokenClaims): string | undefined =>
      typeof name === "string" && !name.includes("\0") ? name : undefined;
    const named = (claims: TokenClaims): Awaitable<UserRow | undefined> => {
      const name = nameIn(claims);
      return name === undefined ? undefined : users.byUsername(name);
    };
    return {
      keyOf: ({ username }) => username,
      keyIn: nameIn,
      account: named,
    };
  }
  return {
    // A subject is a text (RFC 7519 4.1.2); readers of the reference's own claim expect a number.
    keyOf: ({ id }) => (userIdClaim === "sub" ? String(id) : id),
    keyIn: userIdOf,
    account(claims) {
      const id = userIdOf(claims);
      return id === undefined ? undefined : users.byId(id);
    },
  };
}

/** The key in the claim `user_id`: a whole number, or one written as text by recent releases of the reference. */
function userIdOf({ user_id: id }: TokenClaims): number | undefined {
  const key = typeof id === "string" && /^\d{1,15}$/.test(id) ? Number(id) : id;
  return typeof key === "number" && Number.isSafeInteger(key) && key >= 0 ? key : undefined;
}
