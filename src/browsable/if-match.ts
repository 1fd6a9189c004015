/**
 * The hidden field in which a form says which state of its row it was filled in for, where the resource wants `If-Match`.
 */
import { type Context, etagOf, isObject, type Result, toJson } from "../resource/index.ts";
import { type Content, html } from "./html.ts";

export const ifMatchName = "_if_match";

/**
 * The ETag that the forms of a page carry; undefined where none is wanted, or no row is shown. Who corrects a refused form still
 * means the state that they saw.
 */
export function ifMatchOf({ status, data }: Result, { endpoint, method, ifMatch }: Context): string | undefined {
  if (!endpoint.requireIfMatch || method === "OPTIONS") return undefined;
  if (status >= 400 && status < 500 && status !== 412) return ifMatch;
  return status === 200 && isObject(data) ? etagOf(toJson(data)) : undefined;
}

export const ifMatchField = (etag: string | undefined): Content =>
  etag !== undefined && html`<input type="hidden" name="${ifMatchName}" value="${etag}">`;
