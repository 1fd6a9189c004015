/**
 * Which forms a page has, and what they are filled with: the defaults, the row that is shown, or what was sent and refused.
 * A form is only offered where its values are known, so that nobody saves an empty one over a row.
 */

import type { FieldMap } from "../model/index.ts";
import { type Context, Form, isObject, labelOf, type Result, type Serializer } from "../resource/index.ts";
import { findingsOf } from "./findings.ts";
import { valuesOf } from "./form-values.ts";
import { defaultsOf, formSection, writable } from "./forms.ts";
import type { Safe } from "./html.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { keptForm } from "./kept-form.ts";
import { pageFormOf } from "./page-form.ts";
import type { Site } from "./site.ts";
import { showingIn } from "./values.ts";

/** The form of a method. */
export interface FormSection {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly view: Safe;
}

export interface FormSectionsOptions {
  /** The methods that this user may use. */
  readonly allowed: ReadonlySet<string>;
  readonly token: string;
  /** The state of the row that the forms are for, where it must be told. */
  readonly etag: string | undefined;
  /** Whether the row of that state is shown beside what was typed for another. */
  readonly isChanged: boolean;
  /** Whether what was typed stands in the form for many rows. */
  readonly isInBulk: boolean;
}

/** The forms of the methods that this user may use; and what was typed, whatever became of it. */
export async function formSections(
  site: Site,
  result: Result,
  context: Context,
  { allowed, token, etag, isChanged, isInBulk }: FormSectionsOptions,
): Promise<FormSection[]> {
  const { endpoint, method: used, request } = context;
  const page = pageFormOf(context);
  const sections: FormSection[] = [];
  for (const method of ["POST", "PUT", "PATCH"] as const) {
    const action = endpoint.actions[method];
    // One of PUT and PATCH stands for both. What a page cannot show is not given again by who edits a row: with PATCH it stays.
    const keepsUnseen = allowed.has("PATCH") && hasUnseen(endpoint.actions.PATCH?.input);
    const edits = allowed.has("PUT") && !keepsUnseen ? "PUT" : "PATCH";
    if (!action || !allowed.has(method) || (method !== "POST" && method !== edits)) continue;
    const fields = filesLast(writable(action.input?.fields ?? {}));
    const isUsed = used === method || (method !== "POST" && (used === "PUT" || used === "PATCH"));
    const asksMore = page?.more !== undefined && page.form.get("_method") === method;
    const sent = asksMore || (isUsed && isRefused(result, context)) ? await sentValues(context, fields) : undefined;
    const known = method === "POST" ? defaultsOf(fields) : knownValues(result, context);
    const values = sent?.values ?? known;
    if (!values) continue;
    const [heading, button] = words[action.name] ?? [labelOf(action.name), labelOf(action.name)];
    const view = formSection({
      showing: showingIn(site.pages, context, "cell"),
      method: lowerCase[method],
      heading,
      button,
      path: request.path,
      token,
      etag,
      idempotencyKey: method === "POST" ? idempotencyKeyOf(result, context) : undefined,
      fields,
      values,
      findings: sent && !asksMore ? findingsOf(result.data, fields) : undefined,
      outcome: result.status >= 500 ? "unknown" : isChanged ? "changed" : undefined,
      more: asksMore ? page.more : undefined,
      raw: sent?.raw,
      rawMethods: method === "PUT" && allowed.has("PATCH") ? ["PUT", "PATCH"] : [method],
    });
    sections.push({ method, view });
  }
  const isOffered = sections.some(({ method }) => method === used || (method !== "POST" && used !== "POST"));
  if (page && !isOffered && !isInBulk && isRefused(result, context) && isTyped(used, page.raw)) {
    const { form } = page;
    const fields = endpoint.actions[used]?.input?.fields ?? {};
    const idempotencyKey = used === "POST" ? idempotencyKeyOf(result, context) : undefined;
    const parts = { path: request.path, token, form, fields, etag, idempotencyKey };
    sections.push({ method: used, view: keptForm({ ...parts, method: used, findings: findingsOf(result.data, {}) }) });
  }
  return sections;
}

/** Whether a request carries what somebody typed; a DELETE does where it is one of many rows. */
const isTyped = (method: string, raw: string | undefined): method is FormSection["method"] =>
  method === "POST" || method === "PUT" || method === "PATCH" || (method === "DELETE" && raw !== undefined);

/** What stands before the first file is known also where nobody was allowed to send files (`page-form.ts`), and so is not lost. */
const filesLast = (fields: FieldMap): FieldMap =>
  Object.fromEntries(
    Object.entries(fields).toSorted(([, a], [, b]) => Number(a.kind === "file") - Number(b.kind === "file")),
  );

/** Files, and what is written and never read. */
const hasUnseen = (input: Serializer | undefined): boolean =>
  input !== undefined && (input.files !== undefined || Object.values(input.fields).some(({ writeOnly }) => writeOnly));

/** Whether what was sent is to be corrected or sent again. What another site sent is not filled in for somebody to send. */
const isRefused = ({ status }: Result, context: Context): boolean =>
  status === 400 || (status > 400 && pageFormOf(context) !== undefined);

const lowerCase = { POST: "post", PUT: "put", PATCH: "patch" } as const;
/** What people read of an action: above its form, and on its button. */
const words: Readonly<Record<string, readonly [heading: string, button: string]>> = {
  create: ["Create", "Create"],
  update: ["Edit", "Save"],
  partialUpdate: ["Edit", "Save"],
  post: ["Send", "Send"],
  put: ["Edit", "Save"],
  patch: ["Edit", "Save"],
};

/** What was sent and refused. */
async function sentValues(
  context: Context,
  fields: ReturnType<typeof writable>,
): Promise<{ values: Readonly<Record<string, unknown>>; raw?: string }> {
  const page = pageFormOf(context);
  if (page && page.raw === undefined) {
    const whole = page.more === undefined ? page.form : await context.sent();
    return { values: whole instanceof Form ? valuesOf(whole, fields) : {} };
  }
  // What cannot be read at all is the very thing that was refused.
  const body = await context.body().catch(() => undefined);
  const values = body instanceof Form ? valuesOf(body, fields) : isObject(body) ? body : {};
  return { values, raw: page?.raw };
}

/** The row that the page shows, to be edited. */
function knownValues({ status, data }: Result, { method }: Context): Readonly<Record<string, unknown>> | undefined {
  return status === 200 && method !== "OPTIONS" && isObject(data) ? data : undefined;
}
