/**
 * Passwords: hash, verify, and replace what is out of date, in the encodings of Django's `auth_user.password`.
 *
 * Called by the token endpoint, the login page, Basic authentication and the commands. Everything runs off the event loop,
 * a bounded number at a time. Every algorithm is verified; one is preferred and makes new encodings.
 * Reference: django.contrib.auth.hashers (`check_password`, `make_password`).
 * Differs: the text of a new password is normalised to NFC; the preferred algorithm is Argon2id with the parameters OWASP recommends; a malformed encoding is a wrong
 * password, not a crash; MD5 and SHA-1 encodings are not verified.
 */
import { noTracer, type Tracer } from "../../config/index.ts";
import { alphanumeric, type RandomBytes, randomString } from "../random.ts";
import { type Argon2Parameters, createArgon2 } from "./argon2.ts";
import { type BcryptParameters, createBcrypt } from "./bcrypt.ts";
import type { Hasher } from "./hasher.ts";
import { createPbkdf2, type Pbkdf2Parameters } from "./pbkdf2.ts";
import { createQueue } from "./queue.ts";
import { createScrypt, type ScryptParameters } from "./scrypt.ts";

/** How costly new encodings are, by algorithm. */
export interface PasswordParameters {
  readonly argon2: Argon2Parameters;
  readonly pbkdf2_sha256: Pbkdf2Parameters;
  readonly pbkdf2_sha1: Pbkdf2Parameters;
  readonly bcrypt_sha256: BcryptParameters;
  readonly bcrypt: BcryptParameters;
  readonly scrypt: ScryptParameters;
}

export type PasswordAlgorithm = keyof PasswordParameters;

/** Source: OWASP Password Storage Cheat Sheet. Django 3.2 makes PBKDF2-SHA256 with 260,000 iterations. */
export const defaultPasswordParameters: PasswordParameters = Object.freeze({
  argon2: { memoryKiB: 19_456, passes: 2, parallelism: 1, hashBytes: 32 },
  pbkdf2_sha256: { iterations: 600_000 },
  pbkdf2_sha1: { iterations: 1_300_000 },
  bcrypt_sha256: { cost: 12 },
  bcrypt: { cost: 12 },
  scrypt: { N: 2 ** 14, r: 8, p: 5 },
});

export interface PasswordOptions {
  /** Makes new encodings (default: `argon2`). */
  readonly preferred?: PasswordAlgorithm;
  readonly parameters?: Partial<PasswordParameters>;
  /** Hashes computed at the same time; each takes a core for about 10 to 200 ms. */
  readonly maxConcurrent: number;
  /** Hashes that may wait for their turn (default: 1,000); one more is refused with `ServiceUnavailable`. */
  readonly maxWaiting?: number;
  readonly random?: RandomBytes;
  /** Shows each hash as a span, with its time in the queue. */
  readonly tracer?: Tracer;
}

export interface PasswordCheck {
  readonly valid: boolean;
  /** A new encoding to store, when the stored one is right but out of date. */
  readonly upgraded?: string;
}

export interface Passwords {
  /** Bytes that a new password may have; `Infinity` but for plain bcrypt. */
  readonly maxBytes: number;
  /**
   * A new encoding, at most 128 characters with the default parameters.
   * @throws TypeError  the password is longer than the preferred algorithm reads
   */
  hash(password: string): Promise<string>;
  /** Compares a password with a stored encoding; an unknown or malformed encoding is a wrong password. */
  verify(password: string, encoded: string): Promise<PasswordCheck>;
  /**
   * Costs what a wrong password costs: for unknown users, so that the time does not tell whether a user exists.
   * @param like  the encoding that it is compared with (default: what a new one costs)
   */
  waste(password: string, like?: string): Promise<void>;
  /** How many are hashed now, and how many wait for it. */
  load(): { readonly running: number; readonly waiting: number };
  /** Whether a stored encoding could ever be matched (Django: `is_password_usable`). */
  isUsable(encoded: string): boolean;
  /** An encoding that no password matches, `!` and 40 random characters. */
  unusable(): string;
}

/**
 * Makes the passwords system.
 *
 * @throws TypeError  a parameter is out of range
 * @example
 * const passwords = createPasswords({ maxConcurrent: 2 });
 * const { valid, upgraded } = await passwords.verify("secret", user.password);
 */
export function createPasswords(options: PasswordOptions): Passwords {
  const { preferred: algorithm = "argon2", maxConcurrent, maxWaiting = 1_000, random, tracer = noTracer } = options;
  const parameters = { ...defaultPasswordParameters, ...options.parameters };
  const hashers = {
    argon2: createArgon2(parameters.argon2, random),
    pbkdf2_sha256: createPbkdf2("sha256", parameters.pbkdf2_sha256, random),
    pbkdf2_sha1: createPbkdf2("sha1", parameters.pbkdf2_sha1, random),
    bcrypt_sha256: createBcrypt("bcrypt_sha256", parameters.bcrypt_sha256),
    bcrypt: createBcrypt("bcrypt", parameters.bcrypt),
    scrypt: createScrypt(parameters.scrypt, random),
  } satisfies Record<PasswordAlgorithm, Hasher>;
  const byAlgorithm = new Map<string, Hasher>(Object.entries(hashers));
  const preferred = byAlgorithm.get(algorithm);
  if (preferred === undefined) {
    throw new TypeError(`expected one of ${[...byAlgorithm.keys()].join(", ")}, got "${algorithm}"`);
  }
  const line = createQueue(maxConcurrent, maxWaiting);
  const queue = <T>(task: () => Promise<T>): Promise<T> => tracer.span("hash a password", {}, () => line(task));
  const encode = (password: string) => queue(() => preferred.hash(password));
  const { maxBytes = Number.POSITIVE_INFINITY } = preferred;
  const fits = (password: string) => Buffer.byteLength(password.normalize("NFC")) <= maxBytes;
  /** Whether an encoding is that of a password, and whether it is out of date. */
  const compare = async (password: string, encoded: string) => {
    const hasher = byAlgorithm.get(encoded.slice(0, encoded.indexOf("$")));
    const stored = hasher?.read(encoded);
    if (stored === undefined) {
      for (const form of formsOf(password)) await encode(form);
      return { valid: false };
    }
    const outdated = hasher !== preferred || stored.outdated;
    for (const form of formsOf(password)) if (await queue(() => stored.matches(form))) return { valid: true, outdated };
    if (hasher === preferred && outdated) await queue(async () => stored.harden?.(password));
    return { valid: false };
  };

  return {
    maxBytes,
    async hash(password) {
      if (!fits(password))
        throw new TypeError(`${algorithm} reads ${maxBytes} bytes of a password, and this one is longer`);
      return encode(password.normalize("NFC"));
    },
    async verify(password, encoded) {
      const { valid, outdated } = await compare(password, encoded);
      return valid && outdated && fits(password)
        ? { valid, upgraded: await encode(password.normalize("NFC")) }
        : { valid };
    },
    async waste(password, like = "") {
      await compare(password, like);
    },
    load: line.load,
    isUsable: (encoded) => !encoded.startsWith(unusablePrefix),
    unusable: () => unusablePrefix + randomString(40, alphanumeric, random),
  };
}

const unusablePrefix = "!";

/**
 * What may have been hashed for a password: the composed form, which NIST SP 800-63B-4 (3.1.1.2) asks for and new encodings hold,
 * and, where that is another text, the form it was typed in, which is what Django hashed.
 */
function formsOf(password: string): readonly string[] {
  const composed = password.normalize("NFC");
  return composed === password ? [password] : [composed, password];
}
