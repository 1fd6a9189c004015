/**
 * The columns of `django_session`, and the hash that ties a session to a password.
 *
 * Called by `sessions.ts`. A session that Django stored is read here, and one that we store is read by Django.
 * Reference: django.contrib.sessions.backends.base.SessionBase, AbstractBaseUser.get_session_auth_hash.
 * Differs: the formats of Django before 3.1, signed with SHA-1, are not read.
 */
import { createHmac } from "node:crypto";
import { isEqualInConstantTime } from "../constant-time.ts";
import { BadSignature } from "../errors.ts";
import { type RandomBytes, randomString } from "../random.ts";
import { dumps, loads, type SecretKeys, saltedKey, TimestampSigner } from "../signing.ts";

/** What a session holds, by key. */
export type SessionData = Readonly<Record<string, unknown>>;

/** Translates between a session and the column `session_data`. */
export interface SessionCodec {
  encode(data: SessionData): string;
  /** The session, or an empty one if the text was not signed by us. */
  decode(text: string): SessionData;
}

export interface SessionCodecOptions extends SecretKeys {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Makes the codec of sessions. */
export function createSessionCodec(options: SessionCodecOptions): SessionCodec {
  const signer = new TimestampSigner({ ...options, salt: "django.contrib.sessions.SessionStore" });
  return {
    encode: (data) => dumps(data, signer, { compress: true }),
    decode(text) {
      try {
        const data = loads(text, signer);
        return isSessionData(data) ? data : {};
      } catch (error) {
        if (error instanceof BadSignature) return {};
        throw error;
      }
    },
  };
}

function isSessionData(value: unknown): value is SessionData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A new `session_key`: 32 lower-case letters and digits. */
export function newSessionKey(random?: RandomBytes): string {
  return randomString(32, "abcdefghijklmnopqrstuvwxyz0123456789", random);
}

/**
 * The `_auth_user_hash` of a session: another password, or another encoding of it, ends the session.
 *
 * @param encodedPassword  the column `auth_user.password`
 */
export function sessionAuthHash(encodedPassword: string, secretKey: string): string {
  const salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";
  return createHmac("sha256", saltedKey(salt, secretKey)).update(encodedPassword).digest("hex");
}

/** Whether a session's `_auth_user_hash` belongs to this password, under the present secret key or an older one. */
export function isSessionAuthHash(hash: string, encodedPassword: string, keys: SecretKeys): boolean {
  return [keys.secretKey, ...(keys.fallbacks ?? [])].some((secretKey) =>
    isEqualInConstantTime(hash, sessionAuthHash(encodedPassword, secretKey)),
  );
}
