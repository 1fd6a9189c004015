/**
 * Refuses an unsafe request that another site may have made a browser send.
 *
 * Asked where a cookie signs a request in, and by every form of a page; `csrf.ts` compares, this reads the request.
 * Reference: django.middleware.csrf.CsrfViewMiddleware.process_view.
 */
import { PermissionDenied } from "../../errors.ts";
import { type Context, Form } from "../../resource/index.ts";
import type { Browser } from "./browser.ts";
import { matches, originAllowed } from "./csrf.ts";

/** @throws PermissionDenied  the origin is another one, or the token is missing or not that of the cookie */
export async function checkCsrf(context: Context, { csrf, trustedOrigins }: Browser): Promise<void> {
  const { headers, host, scheme } = context.request;
  if (!originAllowed(headers.origin, headers.referer, host, scheme === "https", trustedOrigins)) {
    throw new PermissionDenied("CSRF: the request comes from another site.", "csrf_failed");
  }
  const expected = csrf.of(context);
  if (expected === undefined) throw new PermissionDenied(`CSRF: the cookie ${csrf.name} is missing.`, "csrf_failed");
  if (!matches(expected, await sentToken(context)))
    throw new PermissionDenied("CSRF: the token is missing or wrong.", "csrf_failed");
}

async function sentToken(context: Context): Promise<string> {
  const header = context.request.headers["x-csrftoken"];
  if (typeof header === "string" && header !== "") return header;
  const type = context.request.headers["content-type"] ?? "";
  if (context.request.method !== "POST" || !/^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type))
    return "";
  const body = await context.preview();
  return body instanceof Form ? (body.get("csrfmiddlewaretoken") ?? "") : "";
}
