/**
 * Bytes that only this server reads again: what a copy of the database must not give away.
 *
 * AES-256-GCM with a key that is derived from SECRET_KEY for one purpose; what they belong to is part of what is authenticated, so a
 * row cannot be given the secret of another.
 * Source: NIST SP 800-38D (96-bit random nonces), RFC 5869.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { SecretKeys } from "../signing.ts";

const nonceBytes = 12;
const tagBytes = 16;

export interface Opened {
  readonly bytes: Buffer;
  readonly isCurrent: boolean;
}

export interface Seal {
  /** @param owner  what the bytes belong to, e.g. `user 3` */
  close(bytes: Uint8Array, owner: string): string;
  /** The bytes, and whether the present key closed them; undefined where no key of this server did, for this owner. */
  open(text: string, owner: string): Opened | undefined;
}

/** @param purpose  what the key is for, e.g. `drf_auth.totp` */
export function createSeal({ secretKey, fallbacks = [] }: SecretKeys, purpose: string): Seal {
  const keys = [secretKey, ...fallbacks].map((key) => Buffer.from(hkdfSync("sha256", key, "", purpose, 32)));
  const [present = Buffer.alloc(0)] = keys;
  return {
    close(bytes, owner) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", present, nonce).setAAD(Buffer.from(owner));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString("base64url");
    },
    open(text, owner) {
      const sealed = Buffer.from(text, "base64url");
      if (sealed.length < nonceBytes + tagBytes) return undefined;
      for (const key of keys) {
        const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
          .setAAD(Buffer.from(owner))
          .setAuthTag(sealed.subarray(-tagBytes));
        try {
          const bytes = Buffer.concat([cipher.update(sealed.subarray(nonceBytes, -tagBytes)), cipher.final()]);
          return { bytes, isCurrent: key === present };
        } catch {
          // Another key may have closed it.
        }
      }
      return undefined;
    },
  };
}
