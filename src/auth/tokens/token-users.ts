/**
 * Whose a token is: the claim that names an account, by the field that USER_ID_FIELD chooses.
 * Reference: rest_framework_simplejwt.authentication.JWTAuthentication.get_user.
 */
import type { Awaitable } from "../../db/index.ts";
import type { User } from "../../resource/index.ts";
import type { UserRow } from "../models.ts";
import type { Users } from "../users.ts";
import type { TokenClaims } from "./tokens.ts";

export const userIdFields = ["id", "username"] as const;

export interface TokenUserSettings {
  readonly userIdField: (typeof userIdFields)[number];
  readonly userIdClaim: string;
}

export interface TokenUsers {
  /** The field that tokens name an account by. */
  readonly field: (typeof userIdFields)[number];
  /** What the tokens of a user name him by. */
  keyOf(user: Pick<User, "id" | "username">): number | string;
  /** What a token names its account by; undefined where that can be no account's. */
  namedBy(claims: TokenClaims): number | string | undefined;
  /** The whole account that a token names. */
  account(claims: TokenClaims): Awaitable<UserRow | undefined>;
}

export function createTokenUsers(
  users: Pick<Users, "byId" | "byUsername">,
  { userIdField: field, userIdClaim }: TokenUserSettings,
): TokenUsers {
  if (field === "username") {
    // PostgreSQL has no null characters, so nobody is called that.
    const namedBy = ({ user_id: name }: TokenClaims): string | undefined =>
      typeof name === "string" && !name.includes("\0") ? name : undefined;
    return {
      ...{ field, namedBy },
      keyOf: ({ username }) => username,
      account(claims) {
        const name = namedBy(claims);
        return name === undefined ? undefined : users.byUsername(name);
      },
    };
  }
  return {
    field,
    // A subject is a text (RFC 7519 4.1.2); readers of the reference's own claim expect a number.
    keyOf: ({ id }) => (userIdClaim === "sub" ? String(id) : id),
    namedBy: userIdOf,
    account(claims) {
      const id = userIdOf(claims);
      return id === undefined ? undefined : users.byId(id);
    },
  };
}

/** The key in the claim `user_id`: a whole number, or one written as text by recent releases of the reference. */
export function userIdOf({ user_id: id }: TokenClaims): number | undefined {
  const key = typeof id === "string" && /^\d{1,15}$/.test(id) ? Number(id) : id;
  return typeof key === "number" && Number.isSafeInteger(key) && key >= 0 ? key : undefined;
}
