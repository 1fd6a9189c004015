/**
 * Whose a verified token is, and whether it still counts: its user, the user's password, its session.
 *
 * Asked at every request with a token (`authenticators.ts`), answered from memory for as long as TOKEN_CHECK_INTERVAL says, then
 * read again with one statement. Because it is read again and not told, it sees what any process, any machine and a Django server
 * beside us did. What was found is kept beside the claims, so it goes when the token cache drops them. An answer is as old as the
 * moment its reading began; of requests that come meanwhile only the first one reads. Where the database does not answer, nobody is
 * known: what was found before does not outlive its time. What this process itself ended is seen at once (`forget`).
 * Reference: rest_framework_simplejwt.authentication.JWTAuthentication.get_user and its CHECK_REVOKE_TOKEN.
 */
import { createHash } from "node:crypto";
import { type Awaitable, after, builder, type Database, type SqlRow, slot, statement } from "../../db/index.ts";
import type { User as SignedIn } from "../../resource/index.ts";
import { isEqualInConstantTime } from "../constant-time.ts";
import { User } from "../models.ts";
import { isSessionAuthHash } from "../sessions/session-data.ts";
import type { SecretKeys } from "../signing.ts";
import { isTakenBack, revocationTable } from "./revocation.ts";
import { sessionIdOf } from "./session-id.ts";
import { tokenSessionTable } from "./token-sessions.ts";
import type { TokenUsers } from "./token-users.ts";
import type { TokenClaims } from "./tokens.ts";

/** Why a token does not count, or the user whom it signs in. */
export type Owner = SignedIn | "missing" | "inactive" | "ended" | "password";

export interface TokenOwners {
  /** @param now  milliseconds since 1970 */
  of(claims: TokenClaims, now: number): Awaitable<Owner>;
  /** The same, read now. */
  read(claims: TokenClaims): Awaitable<Owner>;
  /** Something about a user was changed by this process: read it again at the next request. */
  forget(userId: number): void;
}

interface Found {
  readonly at: number;
  readonly generation: number;
  readonly owner: Awaitable<Owner>;
}

/** Users share a generation; to read one of them again needlessly is cheap, to remember each would not be bounded. */
const GENERATIONS = 1024;

export interface TokenOwnersParts {
  readonly database: Database;
  readonly users: Pick<TokenUsers, "field" | "namedBy">;
  readonly keys: SecretKeys;
  /** How long an answer counts, milliseconds; 0 reads at every request. */
  readonly intervalMs: number;
}

export function createTokenOwners({ database, users, keys, intervalMs }: TokenOwnersParts): TokenOwners {
  const find = findStatement(database, users.field);
  // Where tokens say a name, which account that is shows when it is read: all of them share a place then.
  const placeOf = (key: number | string): number => (typeof key === "number" ? key % GENERATIONS : 0);
  const generations = new Uint32Array(GENERATIONS);
  const known = new WeakMap<TokenClaims, Found>();

  const readOf = (claims: TokenClaims, key: number | string): Awaitable<Owner> => {
    const session = typeof claims.jti === "string" ? sessionIdOf(claims.jti) : "";
    return after(database.get(find, [session, key]), (row) => ownerOf(row, claims, keys));
  };
  return {
    read(claims) {
      const key = users.namedBy(claims);
      return key === undefined ? "missing" : readOf(claims, key);
    },
    of(claims, now) {
      const key = users.namedBy(claims);
      if (key === undefined) return "missing";
      const generation = generations[placeOf(key)] as number;
      const found = known.get(claims);
      if (found !== undefined && found.generation === generation) {
        const age = now - found.at;
        if (age < intervalMs && age >= 0) return found.owner;
      }
      const owner = readOf(claims, key);
      if (intervalMs === 0) return owner;
      const keep = (answer: Awaitable<Owner>) => known.set(claims, { at: now, generation, owner: answer });
      if (!(owner instanceof Promise)) {
        if (typeof owner === "object") keep(owner);
        return owner;
      }
      keep(owner);
      owner.then(
        (answer) => {
          if (known.get(claims)?.owner !== owner) return;
          if (typeof answer === "object") keep(answer);
          else known.delete(claims);
        },
        () => known.get(claims)?.owner === owner && known.delete(claims),
      );
      return owner;
    },
    forget(userId) {
      const place = users.field === "id" ? placeOf(userId) : 0;
      generations[place] = (generations[place] as number) + 1;
    },
  };
}

function ownerOf(row: SqlRow | undefined, claims: TokenClaims, keys: SecretKeys): Owner {
  if (!row) return "missing";
  const [id, username, isActive, isStaff, isSuperuser, password, session, endedAt, authHash, revokedAt] = row;
  if (!isTrue(isActive)) return "inactive";
  if (session !== null) {
    if (!isSessionAuthHash(String(authHash), String(password), keys)) return "password";
    if (endedAt !== null) return "ended";
  } else {
    if (!isOfPassword(claims, String(password))) return "password";
    if (isTakenBack(claims, revokedAt === null ? null : Number(revokedAt))) return "ended";
  }
  return {
    id: Number(id),
    username: String(username),
    is_active: true,
    is_staff: isTrue(isStaff),
    is_superuser: isTrue(isSuperuser),
  };
}

/**
 * Whether a token says the password that its user has, if it says one: a claim of the reference, in tokens that Django issued.
 * Reference: rest_framework_simplejwt.utils.get_md5_hash_password.
 */
export function isOfPassword({ hash_password: said }: TokenClaims, encodedPassword: string): boolean {
  if (typeof said !== "string") return true;
  return isEqualInConstantTime(said, createHash("md5").update(encodedPassword).digest("hex").toUpperCase());
}

const isTrue = (column: unknown): boolean => column === true || column === 1;

function findStatement({ dialect }: Database, field: TokenUsers["field"]) {
  const columns = ["u.id", "u.username", "u.is_active", "u.is_staff", "u.is_superuser", "u.password"] as const;
  return statement(
    builder(dialect)
      .selectFrom(`${User.table} as u`)
      .leftJoin(`${tokenSessionTable} as s`, (join) => join.on("s.id", "=", slot()).onRef("s.user_id", "=", "u.id"))
      .leftJoin(`${revocationTable} as r`, "r.user_id", "u.id")
      .select([...columns, "s.id as session", "s.ended_at", "s.auth_hash", "r.revoked_at"])
      .where(`u.${field}`, "=", slot()),
  );
}
