/**
 * Signed texts: `value:signature`, `value:time:signature`, and JSON in that form.
 *
 * Used by sessions and by whatever hands a value to a client and wants it back unchanged. A text says what it is signed for
 * by its salt: one that was signed with another salt is refused. Not encrypted.
 * Reference: django.core.signing (`Signer`, `TimestampSigner`, `dumps`, `loads`), django.utils.crypto.salted_hmac.
 * Differs: SHA-256 only (Django 3.2 still accepts SHA-1); a salt must be given; several keys are tried, as since Django 4.1.
 */
import { createHash, createHmac } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { isEqualInConstantTime } from "./constant-time.ts";
import { BadSignature, SignatureExpired } from "./errors.ts";

/** The key that signs, and older ones that are still believed. */
export interface SecretKeys {
  readonly secretKey: string;
  /** Reference: Django's SECRET_KEY_FALLBACKS. */
  readonly fallbacks?: readonly string[];
}

export interface SignerOptions extends SecretKeys {
  /** What the signature is for, e.g. `django.contrib.sessions.SessionStore`. */
  readonly salt: string;
}

export interface TimestampSignerOptions extends SignerOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const separator = ":";

/** The HMAC key for one purpose. Reference: django.utils.crypto.salted_hmac with SHA-256. */
export function saltedKey(salt: string, secretKey: string): Buffer {
  return createHash("sha256").update(salt).update(secretKey).digest();
}

/** Signs texts and checks signatures. */
export class Signer {
  readonly #keys: readonly Buffer[];
  /** @throws TypeError  a secret key is empty */
  constructor({ secretKey, fallbacks = [], salt }: SignerOptions) {
    const secrets = [secretKey, ...fallbacks];
    if (secrets.includes("")) throw new TypeError("expected secret keys that are not empty");
    this.#keys = secrets.map((secret) => saltedKey(`${salt}signer`, secret));
  }

  /** The value with its signature. */
  sign(value: string): string {
    const [key = Buffer.alloc(0)] = this.#keys;
    return `${value}${separator}${signature(value, key)}`;
  }

  /**
   * The value of a signed text.
   * @throws BadSignature  not signed for this purpose with one of the keys
   */
  unsign(signed: string): string {
    const [value, given] = splitLast(signed);
    if (!this.#keys.some((key) => isEqualInConstantTime(given, signature(value, key)))) {
      throw new BadSignature("expected a text signed with a key of this server");
    }
    return value;
  }
}

/** Signs texts together with the present time. */
export class TimestampSigner {
  readonly #signer: Signer;
  readonly #now: () => number;
  /** @throws TypeError  a secret key is empty */
  constructor({ now, ...options }: TimestampSignerOptions) {
    this.#signer = new Signer(options);
    this.#now = now;
  }

  /** The value with the time, whole seconds in base 62, and the signature. */
  sign(value: string): string {
    return this.#signer.sign(`${value}${separator}${toBase62(Math.floor(this.#now() / 1000))}`);
  }

  /**
   * The value of a signed text.
   *
   * @param maxAgeSeconds  age that is accepted (default: any)
   * @throws BadSignature      not signed for this purpose with one of the keys
   * @throws SignatureExpired  signed longer ago
   */
  unsign(signed: string, maxAgeSeconds = Number.POSITIVE_INFINITY): string {
    const [value, time] = splitLast(this.#signer.unsign(signed));
    if (!(this.#now() / 1000 - fromBase62(time) <= maxAgeSeconds)) {
      throw new SignatureExpired(`expected a text signed at most ${maxAgeSeconds} s ago`);
    }
    return value;
  }
}

/**
 * Signs a JSON value.
 *
 * @param compress  deflates it where that makes it shorter, and marks it by a leading dot
 * @example
 * const link = dumps({ user: 3 }, new TimestampSigner({ secretKey, salt: "app.invitation", now: Date.now }));
 */
export function dumps(value: unknown, signer: TimestampSigner, { compress = false } = {}): string {
  const json = Buffer.from(toAsciiJson(value), "latin1");
  const compressed = compress ? deflateSync(json) : json;
  const isShorter = compressed.length < json.length - 1;
  return signer.sign(isShorter ? `.${compressed.toString("base64url")}` : json.toString("base64url"));
}

/**
 * The JSON value of a text that `dumps` made.
 *
 * @param maxAgeSeconds  age that is accepted (default: any)
 * @throws BadSignature      not signed for this purpose with one of the keys, or no JSON in it
 * @throws SignatureExpired  signed longer ago
 */
export function loads(signed: string, signer: TimestampSigner, maxAgeSeconds?: number): unknown {
  const value = signer.unsign(signed, maxAgeSeconds);
  try {
    const isCompressed = value.startsWith(".");
    const bytes = Buffer.from(isCompressed ? value.slice(1) : value, "base64url");
    return JSON.parse((isCompressed ? inflateSync(bytes) : bytes).toString("latin1"));
  } catch {
    throw new BadSignature("expected signed JSON");
  }
}

const signature = (value: string, key: Buffer) => createHmac("sha256", key).update(value).digest("base64url");

function splitLast(text: string): [before: string, after: string] {
  const at = text.lastIndexOf(separator);
  if (at < 0) throw new BadSignature(`expected a text with "${separator}" in it`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** JSON as Python writes it for `separators=(",", ":")`; its reader takes the bytes as Latin-1, so all must be ASCII. */
function toAsciiJson(value: unknown): string {
  const toEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\x7f-\uffff]/g, toEscape);
}

/** Reference: django.utils.baseconv.base62. */
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function toBase62(value: number): string {
  const rest = Math.floor(value / 62);
  return (rest > 0 ? toBase62(rest) : "") + base62.charAt(value % 62);
}

/** NaN if there is anything else than digits. */
function fromBase62(text: string): number {
  if (!/^[0-9A-Za-z]+$/.test(text)) return Number.NaN;
  return [...text].reduce((value, digit) => value * 62 + base62.indexOf(digit), 0);
}
