/**
 * Sessions of tokens: what one sign-in with `/api/token/` began, and every refresh goes on with.
 *
 * One row a session, however often it is refreshed: which refresh token is the present one, which one it replaced and when, since
 * when, from where, with what. The refresh tokens themselves stand in the tables of `blacklist.ts`, where Django sees them too.
 * Times are milliseconds since 1970. A row stays until its last token has expired; an ended one is how that is known.
 * Differs: the reference knows tokens and no sessions.
 */
import { sql } from "kysely";
import {
  type Awaitable,
  after,
  builder,
  createOwnTable,
  type Database,
  type Executor,
  type SqlRow,
  slot,
  statement,
} from "../../db/index.ts";

export interface TokenSession {
  readonly id: string;
  readonly userId: number;
  /** Of the password that its user had (`sessionAuthHash`). */
  readonly authHash: string;
  /** The refresh token that is accepted next. */
  readonly jti: string;
  /** The one that it replaced. */
  readonly previousJti: string | null;
  readonly rotatedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
  readonly address: string;
  readonly userAgent: string;
}

/** From where a session is used. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/** A use of a session: from where, at what time, and when its last token expires. */
export interface Use extends Client {
  readonly now: number;
  readonly expiresAt: number;
}

export interface TokenSessions {
  find(id: string, executor?: Executor): Awaitable<TokenSession | undefined>;
  /** The latest used ones of a user that have neither ended nor expired, at most `MAX_LISTED`. */
  list(userId: number, now: number): Promise<readonly TokenSession[]>;
  /** Begins a session; one that is there already stays as it is. */
  begin(executor: Executor, session: Pick<TokenSession, "id" | "userId" | "authHash" | "jti">, use: Use): Promise<void>;
  /** Puts the next refresh token in the place of the present one; false where that is another one, or the session has ended. */
  rotate(executor: Executor, id: string, from: string, to: string, use: Use): Promise<boolean>;
  /** Notes a use without a new refresh token, or beside the old one. */
  touch(executor: Executor, id: string, jti: string, use: Use): Promise<void>;
  /** Ends sessions of a user: one, all but one, or all. Returns their number. */
  end(
    executor: Executor,
    userId: number,
    which: { readonly only?: string; readonly except?: string },
    now: number,
  ): Promise<number>;
  /** Ties a session of a user, or all, from one hash of the password to another one. */
  rebind(executor: Executor, userId: number, which: string | "all", from: string, to: string): Promise<void>;
}

export const MAX_LISTED = 200;

export const tokenSessionTable = "drf_auth_session";
const definition = `CREATE TABLE IF NOT EXISTS ${tokenSessionTable} (id varchar(16) NOT NULL PRIMARY KEY, user_id bigint NOT NULL,
  auth_hash varchar(64) NOT NULL, jti varchar(255) NOT NULL, previous_jti varchar(255), rotated_at bigint NOT NULL,
  created_at bigint NOT NULL, last_used_at bigint NOT NULL, expires_at bigint NOT NULL, ended_at bigint,
  address varchar(45) NOT NULL, user_agent varchar(255) NOT NULL);
CREATE INDEX IF NOT EXISTS ${tokenSessionTable}_user ON ${tokenSessionTable} (user_id);
CREATE INDEX IF NOT EXISTS ${tokenSessionTable}_expires ON ${tokenSessionTable} (expires_at)`;

const columns = [
  ...["id", "user_id", "auth_hash", "jti", "previous_jti", "rotated_at"],
  ...["created_at", "last_used_at", "expires_at", "ended_at", "address", "user_agent"],
];

/** Opens the sessions of a database; their table is made where it is missing. */
export async function createTokenSessions(database: Database): Promise<TokenSessions> {
  await createOwnTable(database, definition);
  const statements = statementsFor(database);
  const placeOf = ({ address, userAgent }: Client) => [address.slice(0, 45), userAgent.slice(0, 255)];
  return {
    find: (id, executor = database) => after(executor.get(statements.find, [id]), (row) => row && toSession(row)),
    async list(userId, now) {
      return (await database.all(statements.list, [userId, now])).map(toSession);
    },
    async begin(executor, { id, userId, authHash, jti }, { now, expiresAt, ...client }) {
      const times = [now, now, now, expiresAt];
      await executor.run(statements.begin, [id, userId, authHash, jti, ...times, ...placeOf(client)]);
    },
    async rotate(executor, id, from, to, { now, expiresAt, ...client }) {
      const values = [to, from, now, now, expiresAt, ...placeOf(client), id, from];
      return (await executor.run(statements.rotate, values)) === 1;
    },
    async touch(executor, id, jti, { now, expiresAt, ...client }) {
      await executor.run(statements.touch, [jti, now, expiresAt, ...placeOf(client), id]);
    },
    async end(executor, userId, { only, except }, now) {
      if (only !== undefined) return executor.run(statements.endOne, [now, userId, only]);
      if (except !== undefined) return executor.run(statements.endOthers, [now, userId, except]);
      return executor.run(statements.endAll, [now, userId]);
    },
    async rebind(executor, userId, which, from, to) {
      if (which === "all") await executor.run(statements.rebindAll, [to, userId, from]);
      else await executor.run(statements.rebindOne, [to, userId, from, which]);
    },
  };
}

function toSession(row: SqlRow): TokenSession {
  const [id, userId, authHash, jti, previousJti, rotatedAt, createdAt, lastUsedAt, expiresAt, endedAt, address, agent] =
    row;
  return {
    id: String(id),
    userId: Number(userId),
    authHash: String(authHash),
    jti: String(jti),
    previousJti: previousJti === null ? null : String(previousJti),
    rotatedAt: Number(rotatedAt),
    createdAt: Number(createdAt),
    lastUsedAt: Number(lastUsedAt),
    expiresAt: Number(expiresAt),
    endedAt: endedAt === null ? null : Number(endedAt),
    address: String(address),
    userAgent: String(agent),
  };
}

function statementsFor({ dialect }: Database) {
  const db = builder(dialect);
  const place = { address: slot(), user_agent: slot() };
  const update = db.updateTable(tokenSessionTable);
  const end = update.set({ ended_at: slot() }).where("user_id", "=", slot()).where("ended_at", "is", null);
  const rebind = update.set({ auth_hash: slot() }).where("user_id", "=", slot()).where("auth_hash", "=", slot());
  return {
    find: statement(db.selectFrom(tokenSessionTable).select(columns).where("id", "=", slot())),
    list: statement(
      db
        .selectFrom(tokenSessionTable)
        .select(columns)
        .where("user_id", "=", slot())
        .where("expires_at", ">", slot())
        .where("ended_at", "is", null)
        .orderBy("last_used_at", "desc")
        .orderBy("id")
        .limit(sql.lit(MAX_LISTED)),
    ),
    begin: statement(
      db
        .insertInto(tokenSessionTable)
        .values({
          ...{ id: slot(), user_id: slot(), auth_hash: slot(), jti: slot(), rotated_at: slot() },
          ...{ created_at: slot(), last_used_at: slot(), expires_at: slot(), ...place },
        })
        .onConflict((conflict) => conflict.column("id").doNothing()),
    ),
    rotate: statement(
      update
        .set({
          jti: slot(),
          previous_jti: slot(),
          rotated_at: slot(),
          last_used_at: slot(),
          expires_at: slot(),
          ...place,
        })
        .where("id", "=", slot())
        .where("jti", "=", slot())
        .where("ended_at", "is", null),
    ),
    touch: statement(
      update.set({ jti: slot(), last_used_at: slot(), expires_at: slot(), ...place }).where("id", "=", slot()),
    ),
    endOne: statement(end.where("id", "=", slot())),
    endOthers: statement(end.where("id", "!=", slot())),
    endAll: statement(end),
    rebindAll: statement(rebind),
    rebindOne: statement(rebind.where("id", "=", slot())),
  };
}
