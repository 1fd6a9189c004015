/**
 * The hidden field in which a form says its `Idempotency-Key`, where the resource takes one: pressed twice, or sent again by the
 * browser, it is done once.
 */
import { randomUUID } from "node:crypto";
import type { Context, Result } from "../resource/index.ts";
import { type Content, html } from "./html.ts";

export const idempotencyKeyName = "_idempotency_key";

/**
 * The key of a form that creates; undefined where none is taken. Who corrects a refused form still means the same row, unless the key was
 * spent on another (422).
 */
export function idempotencyKeyOf({ status }: Result, { endpoint, idempotencyKey = "" }: Context): string | undefined {
  if (endpoint.idempotencyKey === undefined) return undefined;
  return status >= 400 && status !== 422 && /^[\w-]{8,64}$/.test(idempotencyKey) ? idempotencyKey : randomUUID();
}

export const idempotencyKeyField = (key: string | undefined): Content =>
  key !== undefined && html`<input type="hidden" name="${idempotencyKeyName}" value="${key}">`;
