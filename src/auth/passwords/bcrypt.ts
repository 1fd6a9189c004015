/**
 * bcrypt by @node-rs/bcrypt, loaded at its first use: `bcrypt_sha256$$2b$12$…` and `bcrypt$$2b$12$…`.
 *
 * `bcrypt_sha256` feeds the lower-case hex of the password's SHA-256, since bcrypt reads only 72 bytes.
 * Reference: hashers.BCryptSHA256PasswordHasher, BCryptPasswordHasher.
 */
import { createHash } from "node:crypto";
import type { Hasher } from "./hasher.ts";

export interface BcryptParameters {
  /** Binary logarithm of the number of rounds, 4 to 31. */
  readonly cost: number;
}

const load = () => import("@node-rs/bcrypt");

/** @throws TypeError  `cost` is not a whole number from 4 to 31 */
export function createBcrypt(algorithm: "bcrypt_sha256" | "bcrypt", { cost }: BcryptParameters): Hasher {
  if (!isCost(cost)) throw new TypeError(`${algorithm}: expected a cost from 4 to 31, got ${cost}`);
  const encoding = new RegExp(`^${algorithm}\\$(\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53})$`);
  const input = (password: string) =>
    algorithm === "bcrypt" ? password : createHash("sha256").update(password).digest("hex");

  return {
    algorithm,
    ...(algorithm === "bcrypt" ? { maxBytes: 72 } : {}),
    async hash(password) {
      const crypt = await (await load()).hash(input(password), cost);
      // "2y" and "2b" name the same algorithm; Django writes the latter.
      return `${algorithm}$${crypt.replace(/^\$2y\$/, "$2b$")}`;
    },
    read(encoded) {
      const [, crypt, stored] = encoding.exec(encoded) ?? [];
      if (crypt === undefined || !isCost(Number(stored))) return undefined;
      return {
        outdated: Number(stored) !== cost,
        matches: async (password) => (await load()).verify(input(password), crypt),
      };
    },
  };
}

const isCost = (cost: number) => Number.isInteger(cost) && cost >= 4 && cost <= 31;
