/**
 * What a password is compared with where there is no account of the name: the encoding of some account, so that it takes as long as
 * where there is one.
 *
 * Accounts that were brought along have encodings of another cost than new ones, until they sign in: a name that there is not would be
 * told by its time. A name is given one of a sample by its keyed digest: as many names take the time of an old encoding as accounts do,
 * and the same ones, whenever they are asked.
 * Differs: Django runs its preferred hasher for every name that there is not.
 */
import { createHmac } from "node:crypto";
import { sql } from "kysely";
import { builder, type Database, slot, statement } from "../../db/index.ts";
import { User } from "../models.ts";

export interface Decoys {
  /** The encoding for a name; undefined where there are no accounts. */
  of(username: string): Promise<string | undefined>;
}

export interface DecoysOptions {
  readonly database: Database;
  readonly secretKey: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const SAMPLE = 64;
/** How long a sample is used, milliseconds: encodings change as people sign in. */
const AGE = 3_600_000;

export function createDecoys({ database, secretKey, now }: DecoysOptions): Decoys {
  const key = createHmac("sha256", secretKey).update("drf-auth decoys").digest();
  const db = builder(database.dialect);
  const range = statement(
    db.selectFrom(User.table).select(({ fn }) => [fn.min("id").as("low"), fn.max("id").as("high")]),
  );
  const at = statement(
    db
      .selectFrom(User.table)
      .select("password")
      .where(
        "id",
        "in",
        Array.from({ length: SAMPLE }, () => slot()),
      )
      .orderBy("id"),
  );
  const first = statement(db.selectFrom(User.table).select("password").orderBy("id").limit(sql.lit(SAMPLE)));

  /** Of keys here and there between the lowest and the highest; where keys are few and far between, of the first ones. */
  const draw = async (): Promise<readonly string[]> => {
    const [low, high] = (await database.get(range)) ?? [];
    const [from, to] = [Number(low ?? 0), Number(high ?? 0)];
    const keys = Array.from({ length: SAMPLE }, () => from + Math.floor(Math.random() * (to - from + 1)));
    const drawn = await database.all(at, keys);
    const found = drawn.length > 0 ? drawn : await database.all(first);
    // By algorithm and cost, so that a name keeps its time in the next sample.
    return found.map(([password]) => String(password)).toSorted();
  };

  let sample: { readonly at: number; readonly encodings: Promise<readonly string[]> } | undefined;
  return {
    async of(username) {
      if (!sample || now() - sample.at >= AGE) {
        const encodings = draw();
        sample = { at: now(), encodings };
        encodings.catch(() => {
          sample = undefined; // the database was away
        });
      }
      const encodings = await sample.encodings;
      const place = createHmac("sha256", key).update(username).digest().readUInt32BE() / 2 ** 32;
      return encodings[Math.floor(place * encodings.length)];
    },
  };
}
