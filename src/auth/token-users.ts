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
  /** What every request asks of the account that a token names. */
  signedIn(claims: TokenClaims): Awaitable<User | undefined>;
  /** The whole account that a token names. */
  account(claims: TokenClaims): Awaitable<UserRow | undefined>;
}

export function createTokenUsers(users: Users, { userIdField, userIdClaim }: TokenUserSettings): TokenUsers {
  if (userIdField === "username") {
    const named = ({ user_id: name }: TokenClaims): Awaitable<UserRow | undefined> =>
      typeof name === "string" ? users.byUsername(name) : undefined;
    return {
      keyOf: ({ username }) => username,
      account: named,
      async signedIn(claims) {
        const found = await named(claims);
        if (!found) return undefined;
        const { id, username, is_active, is_staff, is_superuser } = found;
        return { id, username, is_active, is_staff, is_superuser };
      },
    };
  }
  return {
    // A subject is a text (RFC 7519 4.1.2); readers of the reference's own claim expect a number.
    keyOf: ({ id }) => (userIdClaim === "sub" ? String(id) : id),
    signedIn(claims) {
      const id = userIdOf(claims);
      return id === undefined ? undefined : users.signedIn(id);
    },
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
