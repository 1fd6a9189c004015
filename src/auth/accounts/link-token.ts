/**
 * The token of a link in a mail: who gave it out and when, tied to the state that it is to change.
 *
 * `<seconds since 2001, base 36>-<half of an HMAC-SHA-256>`. The state is in the HMAC and not in the text, so a token ends with
 * the state: after a password was reset, the link that did it does nothing.
 * Reference: django.contrib.auth.tokens.PasswordResetTokenGenerator; with its salt and state either side takes the other's tokens.
 * Differs: time is UTC (Django's is that of its TIME_ZONE); SHA-1 and the tokens of before Django 3.1 are not accepted.
 */
import { createHmac } from "node:crypto";
import { isEqualInConstantTime } from "../constant-time.ts";
import type { UserRow } from "../models.ts";
import { type SecretKeys, saltedKey } from "../signing.ts";

export interface LinkTokens {
  /** @param state  what the link is to change, as it is now */
  make(state: string): string;
  /** Whether a token was made of this state, and not too long ago. */
  check(token: string, state: string): boolean;
}

export interface LinkTokenOptions extends SecretKeys {
  /** What the link is for: a token of another salt is none. */
  readonly salt: string;
  readonly timeoutSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Django's salt of its password reset. */
export const resetSalt = "django.contrib.auth.tokens.PasswordResetTokenGenerator";

const epoch = Date.UTC(2001, 0, 1) / 1000;
/** Stands in the state where Django's code has the time, which is known when the token is made. */
const timePlace = "\0";

export function createLinkTokens({
  secretKey,
  fallbacks = [],
  salt,
  timeoutSeconds,
  now,
}: LinkTokenOptions): LinkTokens {
  const keys = [secretKey, ...fallbacks].map((secret) => saltedKey(salt, secret));
  const seconds = (): number => Math.floor(now() / 1000) - epoch;
  const tokenAt = (time: number, state: string, key: Buffer): string => {
    const digest = createHmac("sha256", key)
      .update(state.replace(timePlace, String(time)))
      .digest("hex");
    return `${time.toString(36)}-${[...digest].filter((_, i) => i % 2 === 0).join("")}`;
  };
  return {
    make: (state) => tokenAt(seconds(), state, keys[0] as Buffer),
    check(token, state) {
      const [, digits] = /^([0-9a-z]{1,10})-[0-9a-f]{32}$/.exec(token) ?? [];
      if (digits === undefined) return false;
      const time = Number.parseInt(digits, 36);
      const isOurs = keys.some((key) => isEqualInConstantTime(token, tokenAt(time, state, key)));
      return isOurs && seconds() - time <= timeoutSeconds;
    },
  };
}

/** The state that Django ties a password reset to: key, password, last login, time, address. */
export function resetState({ id, password, last_login, email }: UserRow): string {
  // As Python writes a time without its microseconds and its zone.
  const login = last_login === null ? "" : last_login.slice(0, 19).replace("T", " ");
  return `${id}${password}${login}${timePlace}${email}`;
}

/** The same with what else the link is about. */
export const stateWith = (user: UserRow, ...more: readonly string[]): string =>
  `${resetState(user)}${JSON.stringify(more)}`;

/** A key in a link. Reference: django.utils.http.urlsafe_base64_encode. */
export const uidOf = (id: number): string => Buffer.from(String(id)).toString("base64url");

/** The key that a link names; undefined where it names none. */
export function idOf(uid: string): number | undefined {
  const text = Buffer.from(uid, "base64url").toString("latin1");
  const id = Number(text);
  return /^\d{1,15}$/.test(text) && uidOf(id) === uid ? id : undefined;
}
