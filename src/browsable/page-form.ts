/**
 * What a form of our pages asks for beyond what HTML can say: another method, a JSON body, several keys in one text.
 *
 * Called by the lifecycle as `Renderer.prepare`, once it is known who asks. A form of a page names its method in `_method`, and
 * carries raw data in `_content` of the media type `_content_type`; `_if_match` and `_idempotency_key` stand for headers.
 * It is safe because it is narrow: only a POST of a form that wants a page (`Accept: text/html`), with a CSRF cookie and the
 * token that belongs to it, whoever is signed in and however. An API client's `_method` is a field like any other.
 * Reference: rest_framework's ajax-form.js does this in the browser; here it needs no script.
 */
import { type Browser, checkCsrf } from "../auth/index.ts";
import { authenticate, type Context, Form, parseText } from "../resource/index.ts";
import { plainForm } from "./form-values.ts";
import { idempotencyKeyName } from "./idempotency-key.ts";
import { ifMatchName } from "./if-match.ts";

/** What was sent, kept for the page that shows what was wrong with it. */
export interface PageForm {
  readonly form: Form;
  /** The text of the raw editor; undefined where the fields were filled in. */
  readonly raw: string | undefined;
  /** The name of the list that is to have one more item: nothing is sent yet. */
  readonly more: string | undefined;
}

/**
 * What the button that asks for one more item adds to the URL: what stands behind a file in a body is not known before somebody is allowed
 * to send files.
 */
export const moreName = "_more";

const methods: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Largest form that is read before the permissions are asked, of somebody who is not signed in. */
const maxAnonymousBytes = 65_536;

const sent = new WeakMap<Context, PageForm>();

/** The form of ours that this request sent. */
export const pageFormOf = (context: Context): PageForm | undefined => sent.get(context);

/**
 * Reads a page's form, if the request is one, and lets the request go on as what it asks for.
 * @throws PermissionDenied  the CSRF token is missing or wrong
 */
export async function readPageForm(context: Context, browser: Browser): Promise<void> {
  if (browser.csrf.of(context) === undefined) return;
  const form = await previewOf(context);
  if (!form) return;
  await checkCsrf(context, browser);
  take(context, form);
}

/**
 * Reads a form that was refused before it was taken, for one because its token was out of date: it is filled in again, for the person
 * who is then known to look at it. What another site sent is not: nobody should send it with one press.
 */
export async function readRefusedForm(context: Context): Promise<void> {
  if (sent.has(context) || !isOwn(context)) return;
  const read = async () => {
    if (!context.identity) {
      const asked = context.as("GET");
      await authenticate(asked);
      context.identity = asked.identity;
      context.authenticator = asked.authenticator;
    }
    return previewOf(context);
  };
  const form = await read().catch(() => undefined);
  if (form) take(context, form);
}

/** Whether the browser says that a page of this very host sent it (W3C Fetch Metadata; `Origin` where a browser has none). */
const isOwn = ({ request }: Context): boolean => {
  const { "sec-fetch-site": site, origin } = request.headers;
  return site === undefined ? origin === request.absolute("") : site === "same-origin";
};

/** A form with a method, as far as it may be read. */
async function previewOf(context: Context): Promise<Form | undefined> {
  const { request, identity } = context;
  const { headers } = request;
  if (request.method !== "POST" || !formTypes.test(headers["content-type"] ?? "")) return undefined;
  if (!identity && !(Number(headers["content-length"]) <= maxAnonymousBytes)) return undefined;
  const form = await context.preview();
  return form instanceof Form && methods.has(form.get("_method") ?? "") ? form : undefined;
}

/** The request goes on as what the form asks for. */
function take(context: Context, form: Form): void {
  const method = form.get("_method") ?? "";
  const { request } = context;
  const raw = form.get("_content");
  const more = request.query.get(moreName);
  sent.set(context, { form, raw, more });
  if (more !== undefined) {
    context.actAs("GET", async () => new Form([]));
    return;
  }
  const read = async () => {
    if (raw !== undefined) return parseText(form.get("_content_type") ?? "application/json", raw);
    const whole = await context.sent();
    if (!(whole instanceof Form)) return whole;
    sent.set(context, { form: whole, raw, more: undefined });
    return plainForm(whole, context.action?.input?.fields ?? {}, method === "PATCH");
  };
  context.actAs(method, read, { ifMatch: form.get(ifMatchName), idempotencyKey: form.get(idempotencyKeyName) });
}

const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
