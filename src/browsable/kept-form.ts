/**
 * What was typed, where the form that it was typed into cannot be offered: who sent it may not do so, or not any more, or the row is gone.
 * It tells nothing but what was sent, names and texts, so that a field is described to nobody who may not set it. It can be sent again:
 * by somebody who has signed in meanwhile, say.
 */
import type { FieldMap } from "../model/index.ts";
import type { Form } from "../resource/index.ts";
import { csrfField } from "./csrf-token.ts";
import type { Findings } from "./findings.ts";
import { fieldAt, isOurs } from "./form-values.ts";
import { labelAt } from "./forms.ts";
import { html, type Safe } from "./html.ts";
import { idempotencyKeyField } from "./idempotency-key.ts";
import { ifMatchField } from "./if-match.ts";

export interface KeptForm {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly token: string;
  readonly form: Form;
  /** The fields of the action: what is never shown is not shown here either. */
  readonly fields: FieldMap;
  readonly findings: Findings;
  readonly etag: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** The texts of a form, to be read, copied or sent again. */
export function keptForm(view: KeptForm): Safe {
  const { method, path, token, form, fields, findings } = view;
  const id = `form-${method.toLowerCase()}`;
  const texts = [...form.names()]
    .filter((name) => name === "_content" || (!isOurs(name) && fieldAt(fields, name)?.writeOnly !== true))
    .flatMap((name) => form.all(name).map((text) => ({ name, text })));
  const contentType = form.get("_content_type");
  return html`<section class="panel form" aria-labelledby="${id}">
<h2 id="${id}">What you typed</h2>
<div class="alert" role="alert"><p><strong>Nothing was saved.</strong></p>${findings.whole.map((sentence) => html`<p>${sentence}</p>`)}</div>
<form method="post" action="${path}">
${csrfField(token)}${ifMatchField(view.etag)}${idempotencyKeyField(view.idempotencyKey)}
${contentType !== undefined && html`<input type="hidden" name="_content_type" value="${contentType}">`}
${texts.map(({ name, text }, i) => row(`kept-${i}`, name, text))}
<p class="submit"><button class="button" type="submit" name="_method" value="${method}">Send it again</button></p>
</form>
</section>`;
}

function row(id: string, name: string, text: string): Safe {
  const lines = text.split("\n").length;
  const control =
    lines > 1 || text.length > 80
      ? html`<textarea id="${id}" name="${name}" rows="${Math.min(24, lines + 1)}">${"\n"}${text}</textarea>`
      : html`<input type="text" id="${id}" name="${name}" value="${text}">`;
  return html`<div class="field"><label for="${id}">${name === "_content" ? "Raw data" : labelAt({}, name)}</label><div class="control">${control}</div></div>\n`;
}
