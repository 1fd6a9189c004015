/**
 * The hidden field in which a form says which state of its row it was filled in for, where the resource wants `If-Match`.
 */
import { ApiError } from "../errors.ts";
import { type Context, etagOf, isObject, type Result, toJson, usableMethods } from "../resource/index.ts";
import { type Content, html } from "./html.ts";

export const ifMatchName = "_if_match";

/**
 * The ETag that the forms of a page carry; undefined where none is wanted, or no row is shown. Who corrects a refused form still
 * means the state that they saw.
 */
export function ifMatchOf({ status, data }: Result, { endpoint, method, ifMatch }: Context): string | undefined {
  if (!endpoint.requireIfMatch || method === "OPTIONS") return undefined;
  if (status >= 400 && status !== 412) return ifMatch;
  return status === 200 && isObject(data) ? etagOf(toJson(data)) : undefined;
}

/**
 * The row as it is now, where a form was refused since it was not: who looks at it may put what they typed in its place, or delete it.
 * Undefined where nothing of the kind happened, or this user may not see it.
 */
export async function rowNow({ status }: Result, context: Context): Promise<Result | undefined> {
  const { endpoint, method } = context;
  const isWrite = method === "PUT" || method === "PATCH" || method === "DELETE";
  if (!isWrite || !endpoint.requireIfMatch || (status !== 412 && status !== 428)) return undefined;
  if (!(await usableMethods(context, ["GET"])).has("GET")) return undefined;
  try {
    return await endpoint.actions.GET?.run(context.as("GET"));
  } catch (error) {
    // Somebody deleted it meanwhile.
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}

export const ifMatchField = (etag: string | undefined): Content =>
  etag !== undefined && html`<input type="hidden" name="${ifMatchName}" value="${etag}">`;
