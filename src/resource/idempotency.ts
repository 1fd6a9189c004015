/**
 * `Idempotency-Key`: a POST that is sent again, because its answer was lost, is done once and answered as the first time.
 *
 * The key is claimed in the transaction that does the work, and the answer is kept in it: both are there or neither, whatever
 * process dies when. A second request with the same key waits for the first (PostgreSQL's unique index, SQLite's one writer)
 * and gets its answer; what was refused is not kept, so it may be corrected and sent again with the same key. A key belongs to a user
 * (or, of somebody unknown, to an address) and a URL. Answers are kept for a day.
 * Reference: draft-ietf-httpapi-idempotency-key-header (400 where it is missing, 422 where the body is another one).
 */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import {
  builder,
  createOwnTable,
  type Database,
  DatabaseUnavailable,
  type Executor,
  OutcomeUnknown,
  parseJson,
  parseVerbatim,
  type SqlRow,
  slot,
  statement,
} from "../db/index.ts";
import { ParseError, UnprocessableContent } from "../errors.ts";
import type { Context } from "./context.ts";
import type { Result } from "./endpoint.ts";
import { jsonRenderer, toJson } from "./renderers.ts";
import { Form } from "./serializer/form.ts";

/** What a transaction does besides its work, so that it is done once. */
export interface Attempt {
  /** First in the transaction. */
  claim(transaction: Executor): Promise<void>;
  /** Last in the transaction: what the client is answered. */
  keep(transaction: Executor, result: Result): Promise<void>;
  /** In place of `keep`, where nothing was done after all: the key is free again. */
  release(transaction: Executor): Promise<void>;
}

export interface Idempotency {
  /**
   * Does work, or answers as the first time.
   * @param isRequired  a request without a key is refused
   * @throws ParseError            the key is missing, empty or too long
   * @throws UnprocessableContent  the key came with another body before
   */
  once(context: Context, isRequired: boolean, work: (attempt: Attempt) => Promise<Result>): Promise<Result>;
}

/** How long answers are kept, milliseconds. */
const KEPT_MS = 24 * 3_600_000;
const MAX_CHARACTERS = 255;
/** Answers that are out of date, removed with each new one. */
const SWEPT = 20;

const table = "drf_auth_idempotency";
const definition = `CREATE TABLE IF NOT EXISTS ${table} (id varchar(43) NOT NULL PRIMARY KEY, body varchar(43) NOT NULL,
  expires bigint NOT NULL, status integer NOT NULL, data text NOT NULL);
CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires)`;

/** Another request had the key first, and has committed. */
class Claimed extends Error {}

const nothing = async (): Promise<void> => undefined;
const nothingToDo: Attempt = { claim: nothing, keep: nothing, release: nothing };

const lenient = "handling=lenient";

/** Does the creates of a resource once, as it is declared. */
export function onceFor(
  declared: "optional" | "required" | undefined,
  idempotency: Idempotency | undefined,
): (context: Context, work: (attempt?: Attempt) => Promise<Result>) => Promise<Result> {
  if (!declared || !idempotency) return (_context, work) => work();
  return (context, work) => idempotency.once(context, declared === "required", work);
}

/** Makes what keeps answers; its table is made where it is missing. */
export async function createIdempotency(database: Database): Promise<Idempotency> {
  await createOwnTable(database, definition);
  const statements = statementsFor(database);

  /** What was answered the first time; undefined where there was none. */
  const recall = async (id: string, body: string, { now, renderer }: Context): Promise<Result | undefined> => {
    const row: SqlRow | undefined = await database.get(statements.find, [id, now]);
    if (!row) return undefined;
    const [kept, status, data] = row;
    if (kept !== body)
      throw new UnprocessableContent(
        "This Idempotency-Key was sent with another body before; expected a new key.",
        "idempotency_key_reused",
      );
    const headers = { "idempotency-replayed": "true", ...(status === 207 ? { "preference-applied": lenient } : {}) };
    // To the letter where letters are compared; a page reads values.
    const parse = renderer === jsonRenderer ? parseVerbatim : parseJson;
    return { status: Number(status), data: parse(String(data)), headers };
  };

  return {
    async once(context, isRequired, work) {
      const key = context.idempotencyKey;
      if (key === undefined && !isRequired) return work(nothingToDo);
      const id = hashOf([ownerOf(context), context.request.path, readKey(key)]);
      // Strict or lenient (`bulk-write.ts`) is part of what is asked.
      const body = hashOf([contentOf(await context.body()), context.request.headers.prefer]);
      const { now } = context;
      const attempt: Attempt = {
        async claim(transaction) {
          await transaction.run(statements.forget, [id, now]);
          const claimed = await transaction.run(statements.claim, [id, body, now + KEPT_MS, 0, ""]);
          if (claimed === 0) throw new Claimed();
        },
        async keep(transaction, { status, data }) {
          await transaction.run(statements.keep, [status, toJson(data), id]);
          await transaction.run(statements.sweep, [now]);
        },
        async release(transaction) {
          await transaction.run(statements.release, [id]);
        },
      };
      const known = await recall(id, body, context);
      if (known) return known;
      try {
        return await work(attempt);
      } catch (error) {
        // It may have been done meanwhile by the first request; a finding such as "is taken" then is about that one's own row.
        if (error instanceof OutcomeUnknown) context.keepFiles();
        const done = await recall(id, body, context).catch((later: unknown) => {
          throw later instanceof DatabaseUnavailable ? error : later;
        });
        if (done) return done;
        throw error;
      }
    },
  };
}

/** @throws ParseError */
function readKey(key: string | undefined): string {
  if (key !== undefined && key !== "" && key.length <= MAX_CHARACTERS) return key;
  throw new ParseError(`Expected an Idempotency-Key header of 1 to ${MAX_CHARACTERS} characters.`);
}

const ownerOf = ({ user, request }: Context): string => (user ? `user ${user.id}` : `address ${request.address}`);

const contentOf = (body: unknown): unknown =>
  body instanceof Form
    ? [
        ...[...body.names()].map((name) => [name, body.all(name)]),
        ...body.uploads.map(({ field, facts: { sentName, hash } }) => [field, sentName, hash]),
      ]
    : body;

const hashOf = (content: unknown): string => createHash("sha256").update(toJson(content)).digest("base64url");

function statementsFor({ dialect }: Database) {
  const db = builder(dialect);
  const values = { id: slot(), body: slot(), expires: slot(), status: slot(), data: slot() };
  const expired = db.selectFrom(table).select("id").where("expires", "<=", slot()).limit(sql.lit(SWEPT));
  return {
    find: statement(
      db.selectFrom(table).select(["body", "status", "data"]).where("id", "=", slot()).where("expires", ">", slot()),
    ),
    forget: statement(db.deleteFrom(table).where("id", "=", slot()).where("expires", "<=", slot())),
    release: statement(db.deleteFrom(table).where("id", "=", slot())),
    claim: statement(
      db
        .insertInto(table)
        .values(values)
        .onConflict((conflict) => conflict.column("id").doNothing()),
    ),
    keep: statement(db.updateTable(table).set({ status: slot(), data: slot() }).where("id", "=", slot())),
    // Rows that another request is removing are left to it.
    sweep: statement(
      db.deleteFrom(table).where("id", "in", dialect === "postgres" ? expired.forUpdate().skipLocked() : expired),
    ),
  };
}
