/**
 * The second factor of accounts: whether there is one, set up, tried, taken away.
 *
 * A code counts once: the step of the last one is kept, and of two requests with one code one wins. The secret is sealed in its row
 * (`sealed.ts`), recovery codes are hashed. A secret that was not confirmed by a code asks nothing of anybody.
 * Source: RFC 6238 5.2 (a code is accepted once), OWASP ASVS 6.5.1 to 6.5.5.
 */
import { createOwnTable, type Database, type Executor } from "../../db/index.ts";
import { type SecretKeys, saltedKey } from "../signing.ts";
import { hashRecoveryCode, newRecoveryCodes } from "./recovery-codes.ts";
import { createSeal, type Opened } from "./sealed.ts";
import { secondFactorTable, statementsFor } from "./statements.ts";
import { newTotpSecret, stepOf } from "./totp.ts";

/** What a user is told of his own second factor. */
export interface SecondFactorState {
  readonly enabled: boolean;
  /** Recovery codes that were not used yet. */
  readonly recovery_codes_left: number;
}

export interface SecondFactor {
  /** Whether this account has to show a code when it signs in. */
  isRequired(userId: number): Promise<boolean>;
  state(userId: number): Promise<SecondFactorState>;
  /** A new secret, which counts when `confirm` was given a code of it; undefined where the factor is on already. */
  begin(userId: number): Promise<Buffer | undefined>;
  /** Turns it on with the first code of the new secret. @returns the recovery codes, to be shown once; undefined for a wrong code */
  confirm(userId: number, code: string): Promise<readonly string[] | undefined>;
  /** Whether this is the code of now, or a recovery code; each counts once. */
  verify(userId: number, code: string): Promise<boolean>;
  /** New recovery codes in place of those there were. */
  renewRecoveryCodes(userId: number): Promise<readonly string[]>;
  /** Takes it away, with its recovery codes. @returns whether there was one */
  disable(userId: number): Promise<boolean>;
  /** The same where its account is deleted. */
  forget(transaction: Executor, userId: number): Promise<void>;
}

export interface SecondFactorOptions extends SecretKeys {
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const ownerOf = (userId: number): string => `user ${userId}`;

/** Makes the second factor; its tables are made where they are missing. */
export async function createSecondFactor(options: SecondFactorOptions): Promise<SecondFactor> {
  const { database, now } = options;
  await createOwnTable(database, secondFactorTable);
  const statements = statementsFor(database.dialect);
  const seal = createSeal(options, "drf_auth.totp");
  const hashKeys = [options.secretKey, ...(options.fallbacks ?? [])].map((key) =>
    saltedKey("drf_auth.recovery_code", key),
  );
  const [hashKey = Buffer.alloc(0)] = hashKeys;

  const secretOf = async (userId: number, confirmed: boolean): Promise<Opened | undefined> => {
    const row = await database.get(statements.find, [userId]);
    if (!row || (row[1] !== null) !== confirmed) return undefined;
    return seal.open(String(row[0]), ownerOf(userId));
  };
  /** Takes a step, unless it or a later one was taken. */
  const takeStep = async (executor: Executor, userId: number, step: number): Promise<boolean> =>
    (await executor.run(statements.takeStep, [step, userId, step])) === 1;
  const writeCodes = async (transaction: Executor, userId: number): Promise<readonly string[]> => {
    await transaction.run(statements.forgetCodes, [userId]);
    const codes = newRecoveryCodes();
    for (const code of codes) await transaction.run(statements.addCode, [hashRecoveryCode(code, hashKey), userId]);
    return codes;
  };

  const remove = async (transaction: Executor, userId: number): Promise<boolean> => {
    await transaction.run(statements.forgetCodes, [userId]);
    return (await transaction.run(statements.remove, [userId])) === 1;
  };

  return {
    isRequired: async (userId) => (await database.get(statements.find, [userId]))?.[1] != null,
    async state(userId) {
      const enabled = (await database.get(statements.find, [userId]))?.[1] != null;
      const [left] = (await database.get(statements.countCodes, [userId])) ?? [];
      return { enabled, recovery_codes_left: enabled ? Number(left) : 0 };
    },
    async begin(userId) {
      const secret = newTotpSecret();
      const sealed = seal.close(secret, ownerOf(userId));
      return (await database.run(statements.begin, [userId, sealed, 0, null])) === 1 ? secret : undefined;
    },
    async confirm(userId, code) {
      const secret = await secretOf(userId, false);
      const step = secret && stepOf(secret.bytes, code, now());
      if (step === undefined) return undefined;
      return database.transaction(async (transaction) => {
        const confirmed = await transaction.run(statements.confirm, [step, now(), userId]);
        return confirmed === 1 ? writeCodes(transaction, userId) : undefined;
      });
    },
    async verify(userId, code) {
      const secret = await secretOf(userId, true);
      if (!secret) return false;
      const step = stepOf(secret.bytes, code, now());
      if (step !== undefined) {
        if (!(await takeStep(database, userId, step))) return false;
        // So that an older key can be dropped in time.
        if (!secret.isCurrent)
          await database.run(statements.reseal, [seal.close(secret.bytes, ownerOf(userId)), userId]);
        return true;
      }
      for (const key of hashKeys) {
        if ((await database.run(statements.useCode, [hashRecoveryCode(code, key), userId])) === 1) return true;
      }
      return false;
    },
    renewRecoveryCodes: (userId) => database.transaction((transaction) => writeCodes(transaction, userId)),
    disable: (userId) => database.transaction((transaction) => remove(transaction, userId)),
    async forget(transaction, userId) {
      await remove(transaction, userId);
    },
  };
}
