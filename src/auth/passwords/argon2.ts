/**
 * Argon2 by @node-rs/argon2: `argon2` + the PHC string, `argon2$argon2id$v=19$m=…,t=…,p=…$<salt>$<hash>`.
 *
 * New ones are Argon2id; stored Argon2i, Argon2d and version 16 are verified and replaced.
 * Reference: hashers.Argon2PasswordHasher.
 * Differs: an encoding that asks for more than a gigabyte is malformed, so that no row can exhaust the machine.
 */
import { hash, verify } from "@node-rs/argon2";
import type { RandomBytes } from "../random.ts";
import { type Hasher, isShortSalt, newSalt } from "./hasher.ts";

export interface Argon2Parameters {
  /** Memory, KiB. */
  readonly memoryKiB: number;
  /** Passes over the memory. */
  readonly passes: number;
  readonly parallelism: number;
  /** Length of the result, bytes; argon2-cffi makes 16 before release 21.2 and 32 since. */
  readonly hashBytes: number;
}

const maxMemoryKiB = 2 ** 20;
const encoding =
  /^argon2(\$argon2(id|i|d)\$v=(16|19)\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{6,}))$/;

/** @throws TypeError  a parameter is out of range */
export function createArgon2(parameters: Argon2Parameters, random?: RandomBytes): Hasher {
  const { memoryKiB, passes, parallelism, hashBytes } = parameters;
  if (!isRunnable(memoryKiB, passes, parallelism) || !Number.isInteger(hashBytes) || hashBytes < 16 || hashBytes > 64) {
    throw new TypeError(
      `argon2: expected memoryKiB from 8 a lane to ${maxMemoryKiB}, passes from 1, parallelism from 1 to 255, hashBytes from 16 to 64`,
    );
  }
  const options = { memoryCost: memoryKiB, timeCost: passes, parallelism, outputLen: hashBytes };

  return {
    algorithm: "argon2",
    async hash(password) {
      return `argon2${await hash(password, { ...options, salt: Buffer.from(newSalt(random)) })}`;
    },
    read(encoded) {
      const [, phc, variety, version, m, t, p, salt = "", result = ""] = encoding.exec(encoded) ?? [];
      if (phc === undefined || !isRunnable(Number(m), Number(t), Number(p))) return undefined;
      const same =
        variety === "id" &&
        version === "19" &&
        Number(m) === memoryKiB &&
        Number(t) === passes &&
        Number(p) === parallelism &&
        decodedLength(result) === hashBytes;
      return {
        outdated: !same || isShortSalt(decodedLength(salt)),
        // What is left to fail after the checks above is base64 that does not decode.
        matches: (password) => verify(phc, password).catch(() => false),
      };
    },
  };
}

/** The bounds of RFC 9106 3.1, and ours on memory. */
function isRunnable(memoryKiB: number, passes: number, parallelism: number): boolean {
  return (
    [memoryKiB, passes, parallelism].every(Number.isInteger) &&
    parallelism >= 1 &&
    parallelism <= 255 &&
    passes >= 1 &&
    passes < 2 ** 32 &&
    memoryKiB >= 8 * parallelism &&
    memoryKiB <= maxMemoryKiB
  );
}

/** Bytes of a base64 text without padding. */
const decodedLength = (base64: string) => Math.floor((base64.length * 3) / 4);
