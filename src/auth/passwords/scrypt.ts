/**
 * scrypt by node:crypto, in the thread pool: `scrypt$<N>$<salt>$<r>$<p>$<base64 of 64 bytes>`.
 *
 * Reference: django.contrib.auth.hashers.ScryptPasswordHasher (since Django 4.0).
 * Differs: an encoding that asks for more than a gigabyte is malformed.
 */
import { scrypt } from "node:crypto";
import { isEqualInConstantTime } from "../constant-time.ts";
import type { RandomBytes } from "../random.ts";
import { type Hasher, isShortSalt, newSalt } from "./hasher.ts";

/** The names of RFC 7914. */
export interface ScryptParameters {
  /** Cost, a power of two. */
  readonly N: number;
  /** Block size. */
  readonly r: number;
  /** Parallelization. */
  readonly p: number;
}

const hashBytes = 64;
const maxMemoryBytes = 2 ** 30;
const encoding = /^scrypt\$(\d{1,10})\$([^$]+)\$(\d{1,10})\$(\d{1,10})\$([A-Za-z0-9+/]+=*)$/;

/** @throws TypeError  a parameter is out of range */
export function createScrypt(parameters: ScryptParameters, random?: RandomBytes): Hasher {
  const { N, r, p } = parameters;
  if (!isRunnable(parameters)) {
    throw new TypeError(
      "scrypt: expected N as a power of two, r and p from 1, and 128 * r * (N + p) bytes below 1 GiB",
    );
  }
  return {
    algorithm: "scrypt",
    async hash(password) {
      const salt = newSalt(random);
      return `scrypt$${N}$${salt}$${r}$${p}$${await derive(password, salt, parameters)}`;
    },
    read(encoded) {
      const [, storedN, salt, storedR, storedP, expected] = encoding.exec(encoded) ?? [];
      if (salt === undefined || expected === undefined) return undefined;
      const stored = { N: Number(storedN), r: Number(storedR), p: Number(storedP) };
      if (!isRunnable(stored)) return undefined;
      return {
        outdated: stored.N !== N || stored.r !== r || stored.p !== p || isShortSalt([...salt].length),
        matches: async (password) => isEqualInConstantTime(await derive(password, salt, stored), expected),
      };
    },
  };
}

function derive(password: string, salt: string, { N, r, p }: ScryptParameters): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, { N, r, p, maxmem: 2 * maxMemoryBytes }, (error, result) => {
      if (error === null) resolve(result.toString("base64"));
      else reject(error);
    });
  });
}

function isRunnable({ N, r, p }: ScryptParameters): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(N)) && N >= 2;
  return (
    isPowerOfTwo && Number.isInteger(r) && r >= 1 && Number.isInteger(p) && p >= 1 && 128 * r * (N + p) < maxMemoryBytes
  );
}
