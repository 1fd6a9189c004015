/**
 * Keys of token sessions, and how the key of a token tells which session it belongs to.
 *
 * A `jti` of ours is a UUID of version 8 without hyphens: its first 16 characters are the session, the others the token. So every
 * token names its session without a claim that clients of the reference would not know. The `jti` of any other token stands for a
 * session of its own, whose key is taken from a digest: whoever looks for it finds the same.
 * Reference: RFC 9562 section 5.8.
 */
import { createHash, randomUUID } from "node:crypto";
import type { Context } from "../resource/index.ts";

const randomHex = (): string => randomUUID().replaceAll("-", "");

/** 16 hexadecimal characters, 60 bits of them chosen freely; the other four are the version. */
const asSessionId = (hex: string): string => `${hex.slice(0, 12)}8${hex.slice(13, 16)}`;

const ours = /^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/;

/** Whether a text has the form of a session's key; a path may hold any, also one that no column takes. */
export const isSessionId = (text: string): boolean => /^[0-9a-f]{16}$/.test(text);

export const newSessionId = (): string => asSessionId(randomHex());

/** A new `jti` of a session's token. */
export const newTokenId = (sessionId: string): string => sessionId + randomHex().slice(16);

/** The session that a token belongs to, if it is there. */
export const sessionIdOf = (jti: string): string =>
  ours.test(jti) ? jti.slice(0, 16) : asSessionId(createHash("sha256").update(jti).digest("hex"));

/** The session of the access token that a request was made with. */
export function currentSession({ claims }: Pick<Context, "claims">): string | undefined {
  return typeof claims?.jti === "string" ? sessionIdOf(claims.jti) : undefined;
}
