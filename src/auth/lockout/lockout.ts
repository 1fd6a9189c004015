/**
 * The lock-out: how often a password, or another secret of few characters, may be guessed.
 *
 * A try is counted before the secret is compared, in a transaction that others for the same name or network wait for: of N at
 * once at a limit of L exactly L are compared, over all workers and machines. After the limit each try locks for twice as long
 * as the one before. While it is locked a try is refused after one read, and nothing is written or hashed.
 * Why who is counted as one: docs/decisions/0012-lock-out.md.
 * Reference: NIST SP 800-63B 5.2.2 (at most 100 failures; those before a success from the same address are disregarded),
 * OWASP Authentication Cheat Sheet (lock-out), django-axes (user and address).
 */
import type { Database, Executor, SqlRow } from "../../db/index.ts";
import { ApiError } from "../../errors.ts";
import type { LockoutSettings } from "./lockout-settings.ts";
import {
  createLockoutTable,
  createNameDigest,
  type LockKey,
  type LockKeys,
  type LockKind,
  lockKeys,
  lockKinds,
  lockStatements,
  type NameDigestOptions,
} from "./lockout-table.ts";
import { createRunningTries } from "./running-tries.ts";

/** 429: too many wrong tries; `Retry-After` says when the next one is compared. The same for names that there are not. */
export class LockedOut extends ApiError {
  override readonly headers: Readonly<Record<string, string>>;
  readonly waitSeconds: number;
  constructor(waitMs: number) {
    const wait = Math.ceil(waitMs / 1000);
    super(429, "locked_out", `Too many wrong attempts; try again in ${wait} s.`);
    this.waitSeconds = wait;
    this.headers = { "retry-after": String(wait) };
  }
}

/** What a try came to. */
export interface Attempt<T> {
  /** What the check gave; undefined where the secret was wrong. */
  readonly value: T | undefined;
  /** Wrong tries of this name from this network before this one. */
  readonly failures: number;
  /** Seconds until the next try is compared, where this one was wrong and locks. */
  readonly lockSeconds?: number;
}

export interface Lockout {
  /**
   * Counts a try, and makes it where it is not locked.
   *
   * @param username  as it was typed, whether there is such an account or not
   * @param address   the client's
   * @param check     compares the secret; undefined says that it is wrong. What it throws counts as no try
   * @throws LockedOut
   * @example
   * const { value: user } = await lockout.attempt(username, request.address, () => users.signIn(username, password));
   */
  attempt<T>(username: string, address: string, check: () => Promise<T | undefined>): Promise<Attempt<T>>;
  /** What stands for a name in the table and in the audit log: keyed, so that nobody can try names out. */
  nameDigest(username: string): string;
}

export interface LockoutOptions extends Pick<NameDigestOptions, "canonicalName"> {
  readonly settings: LockoutSettings & { readonly secretKey: string };
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** For how long a network is remembered that a user has signed in from, milliseconds. */
const KNOWN_MS = 30 * 86_400_000;

interface Row {
  readonly failures: number;
  readonly lockedUntil: number;
  readonly expires: number;
}

/** A try that was let through. */
interface Counted {
  /** What it counts for, and until when it locks that; 0 where it does not. */
  readonly locks: ReadonlyMap<LockKind, number>;
  readonly failures: number;
}

/** A try that was refused, and the rows that said so. */
interface Refused {
  readonly waitMs: number;
  readonly by: readonly string[];
}

/** Makes the lock-out of an app; its table is made where it is missing. With every limit 0 it lets everybody through. */
export async function createLockout({ settings, database, now, canonicalName }: LockoutOptions): Promise<Lockout> {
  const { lockoutLimit: pair, lockoutUserLimit: user, lockoutAddressLimit: address } = settings;
  const limits: Readonly<Record<LockKind, number>> = { pair, user, address };
  const [delayMs, maxDelayMs, windowMs] = [
    settings.lockoutDelaySeconds * 1000,
    settings.lockoutMaxDelaySeconds * 1000,
    settings.lockoutWindowSeconds * 1000,
  ];
  const nameDigest = createNameDigest({ ...settings, canonicalName });
  const counted = lockKinds.filter((kind) => limits[kind] > 0);
  if (counted.length === 0)
    return { nameDigest, attempt: async (_name, _address, check) => ({ value: await check(), failures: 0 }) };

  await createLockoutTable(database);
  const statements = lockStatements(database);
  const running = createRunningTries();

  const lockOf = (kind: LockKind, failures: number): number =>
    failures < limits[kind] ? 0 : Math.min(maxDelayMs, delayMs * 2 ** Math.min(40, failures - limits[kind]));

  /** Which counts a try is held to, and which of them refuse it. */
  const judge = (found: readonly SqlRow[], keys: LockKeys, time: number) => {
    const rows = new Map(found.map(([id, ...numbers]) => [String(id), toRow(numbers)]));
    // Whoever has signed in from here before is not locked out by what others do to his name, or beside him.
    const isKnown = rows.has(keys.known.id) && limits.pair > 0;
    const held = counted.filter((kind) => !isKnown || kind === "pair");
    const locked = held.flatMap((kind) => {
      const until = rows.get(keys[kind].id)?.lockedUntil ?? 0;
      return until > time ? [{ id: keys[kind].id, until }] : [];
    });
    const refused: Refused | undefined =
      locked.length > 0
        ? { waitMs: Math.max(...locked.map(({ until }) => until)) - time, by: locked.map(({ id }) => id) }
        : undefined;
    return { rows, refused, held, kinds: counted.filter((kind) => !isKnown || kind !== "user") };
  };

  const idsOf = ({ pair, user, address, known }: LockKeys): string[] => [pair.id, user.id, address.id, known.id];

  /** Names before networks, so that no two wait for each other. */
  const inTurn = <T>(keys: LockKeys, work: (transaction: Executor) => Promise<T>): Promise<T> =>
    database.transaction(async (transaction) => {
      if (statements.lock) for (const { id } of [keys.user, keys.address]) await transaction.get(statements.lock, [id]);
      return work(transaction);
    });

  const write = (executor: Executor, { id, name, address }: LockKey, { failures, lockedUntil, expires }: Row) =>
    executor.run(statements.write, [id, name, address, failures, lockedUntil, expires]);

  const count = (keys: LockKeys): Promise<Counted | Refused> =>
    inTurn(keys, async (transaction) => {
      const time = now();
      const { rows, refused, held, kinds } = judge(
        await transaction.all(statements.find, [...idsOf(keys), time]),
        keys,
        time,
      );
      if (refused) return refused;
      const locks = new Map<LockKind, number>();
      for (const kind of kinds) {
        const row = rows.get(keys[kind].id);
        const failures = (row?.failures ?? 0) + 1;
        // Who is not held to a count adds to it, and leaves its lock to those who are.
        const lockMs = held.includes(kind) ? lockOf(kind, failures) : 0;
        locks.set(kind, lockMs > 0 ? time + lockMs : 0);
        const lockedUntil = locks.get(kind) || (row?.lockedUntil ?? 0);
        await write(transaction, keys[kind], {
          failures,
          lockedUntil,
          expires: Math.max(row?.expires ?? time + windowMs, lockedUntil),
        });
      }
      await transaction.run(statements.sweep, [time]);
      return { locks, failures: rows.get(keys.pair.id)?.failures ?? 0 };
    });

  /** Takes back what was counted: this try, and of the name's counts those of this network where it was right. */
  const takeBack = (keys: LockKeys, { locks }: Counted, isRight: boolean): Promise<void> =>
    inTurn(keys, async (transaction) => {
      const time = now();
      const { rows } = judge(await transaction.all(statements.find, [...idsOf(keys), time]), keys, time);
      const own = isRight ? (rows.get(keys.pair.id)?.failures ?? 1) : 1;
      for (const [kind, lockedUntil] of locks) {
        const row = rows.get(keys[kind].id);
        if (!row) continue;
        const failures = row.failures - (kind === "address" ? 1 : own);
        // A lock that wrong tries have earned without this one stays.
        const isLocked = failures >= limits[kind] && row.lockedUntil !== lockedUntil;
        if (failures <= 0) await transaction.run(statements.remove, [keys[kind].id]);
        else await write(transaction, keys[kind], { ...row, failures, lockedUntil: isLocked ? row.lockedUntil : 0 });
      }
      if (isRight) await write(transaction, keys.known, { failures: 0, lockedUntil: 0, expires: time + KNOWN_MS });
    });

  /** Counts a try, as soon as no try that still runs stands in its way. @throws LockedOut */
  const admit = async (keys: LockKeys, ids: readonly string[]): Promise<Counted> => {
    for (;;) {
      const time = now();
      const looked = judge(await database.all(statements.look, [...idsOf(keys), time]), keys, time).refused;
      if (!looked) running.begin(ids);
      const result =
        looked ??
        (await count(keys).catch((error: unknown) => {
          running.end(ids, true);
          throw error;
        }));
      if (!("by" in result)) return result;
      if (!looked) running.end(ids, false);
      if (!(await running.next(result.by))) throw new LockedOut(result.waitMs);
    }
  };

  return {
    nameDigest,
    async attempt(username, address, check) {
      const keys = lockKeys(nameDigest(username), address);
      const ids = counted.map((kind) => keys[kind].id);
      const tried = await admit(keys, ids);
      let isFree = true;
      try {
        const value = await check();
        isFree = value !== undefined;
        if (isFree) await takeBack(keys, tried, true);
        const { failures } = tried;
        const lockedUntil = Math.max(...tried.locks.values());
        return isFree || lockedUntil === 0
          ? { value, failures }
          : { value, failures, lockSeconds: Math.ceil((lockedUntil - now()) / 1000) };
      } catch (error) {
        if (isFree) await takeBack(keys, tried, false);
        throw error;
      } finally {
        running.end(ids, isFree);
      }
    },
  };
}

const toRow = ([failures, lockedUntil, expires]: readonly unknown[]): Row => ({
  failures: Number(failures),
  lockedUntil: Number(lockedUntil),
  expires: Number(expires),
});
