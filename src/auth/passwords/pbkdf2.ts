/**
 * PBKDF2 by node:crypto, in the thread pool: `pbkdf2_sha256$<iterations>$<salt>$<base64>` and `pbkdf2_sha1$…`.
 *
 * The salt enters as its UTF-8 text. Reference: hashers.PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher.
 */
import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { isEqualInConstantTime } from "../constant-time.ts";
import type { RandomBytes } from "../random.ts";
import { type Hasher, isShortSalt, newSalt } from "./hasher.ts";

export interface Pbkdf2Parameters {
  readonly iterations: number;
}

const derive = promisify(pbkdf2);
const digestBytes = { sha256: 32, sha1: 20 };
/** node:crypto takes no more. */
const maxIterations = 2 ** 31 - 1;

/** @throws TypeError  `iterations` is not a whole number from 1 to 2^31 - 1 */
export function createPbkdf2(
  digest: "sha256" | "sha1",
  { iterations }: Pbkdf2Parameters,
  random?: RandomBytes,
): Hasher {
  const algorithm = `pbkdf2_${digest}`;
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > maxIterations) {
    throw new TypeError(`${algorithm}: expected iterations from 1 to ${maxIterations}, got ${iterations}`);
  }
  const encoding = new RegExp(`^${algorithm}\\$([1-9]\\d{0,9})\\$([^$]+)\\$([A-Za-z0-9+/]+=*)$`);
  const base64 = async (password: string, salt: string, count: number) =>
    (await derive(password, salt, count, digestBytes[digest], digest)).toString("base64");

  return {
    algorithm,
    async hash(password) {
      const salt = newSalt(random);
      return `${algorithm}$${iterations}$${salt}$${await base64(password, salt, iterations)}`;
    },
    read(encoded) {
      const [, count, salt, expected] = encoding.exec(encoded) ?? [];
      if (count === undefined || salt === undefined || expected === undefined) return undefined;
      const storedIterations = Number(count);
      if (storedIterations > maxIterations) return undefined;
      return {
        outdated: storedIterations !== iterations || isShortSalt([...salt].length),
        matches: async (password) => isEqualInConstantTime(await base64(password, salt, storedIterations), expected),
        async harden(password) {
          if (iterations > storedIterations) await base64(password, salt, iterations - storedIterations);
        },
      };
    },
  };
}
