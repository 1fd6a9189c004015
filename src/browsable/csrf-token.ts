/** The CSRF token in the forms of a page. */
import { html, type Safe } from "./html.ts";

export { csrfToken } from "../auth/index.ts";

/** The hidden field of a form. */
export const csrfField = (token: string): Safe =>
  html`<input type="hidden" name="csrfmiddlewaretoken" value="${token}">`;
