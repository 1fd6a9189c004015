/**
 * The forms of a page: one control a field, and beside it the same as raw JSON.
 *
 * They are made of the fields that an action reads, so that what can be sent is what can be filled in. They need no script:
 * the method and the JSON travel in hidden fields (`page-form.ts`).
 * Reference: rest_framework.renderers.BrowsableAPIRenderer (get_rendered_html_form, get_raw_data_form).
 */
import type { Field, FieldMap } from "../model/index.ts";
import { toJson } from "../resource/index.ts";
import { csrfField } from "./csrf-token.ts";
import { fieldRows, hasControls } from "./field-rows.ts";
import { type Findings, innerFields, nothingFound } from "./findings.ts";
import { html, type Safe } from "./html.ts";
import { idempotencyKeyField } from "./idempotency-key.ts";
import { ifMatchField } from "./if-match.ts";
import { Unread } from "./unread.ts";
import { labelIn, type Showing } from "./values.ts";

export interface FormView {
  /** How values are shown, and where related rows are looked up. */
  readonly showing: Showing;
  /** In lower case: also part of the ids in the page. */
  readonly method: "post" | "put" | "patch";
  readonly heading: string;
  /** What the button says. */
  readonly button: string;
  /** Where it is sent. */
  readonly path: string;
  readonly token: string;
  /** The state of the row that the form was made for, where it must be told. */
  readonly etag: string | undefined;
  /** The `Idempotency-Key` that it is sent with, where one is taken. */
  readonly idempotencyKey: string | undefined;
  /** What can be filled in. */
  readonly fields: FieldMap;
  /** What is filled in already, by field. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly findings?: Findings;
  /** Why what was typed is there again, where it need not be wrong. */
  readonly outcome?: "changed" | "unknown" | undefined;
  /** The list that is to have one more item. */
  readonly more?: string | undefined;
  /** The text of the raw editor, where that was what was sent: then it alone is there to be corrected. */
  readonly raw?: string;
  /** PUT and PATCH both take what the raw editor holds. */
  readonly rawMethods: readonly string[];
}

/** The fields that a client may set. */
export const writable = (fields: FieldMap): FieldMap =>
  Object.fromEntries(Object.entries(fields).filter(([, { readOnly }]) => !readOnly));

/** What a new row begins with. */
export const defaultsOf = (fields: FieldMap): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { options }]) => [
      name,
      typeof options.default === "function" ? undefined : options.default,
    ]),
  );

/** The form of a method, and the raw editor. */
export function formSection(view: FormView): Safe {
  const { method, heading, fields, findings = nothingFound } = view;
  const id = `form-${method}`;
  const isRefused = findings.byField.size > 0 || findings.whole.length > 0;
  const hasFields = Object.keys(fields).length > 0;
  const isFilledIn = view.raw === undefined && canBeFilledIn(fields);
  return html`<section class="panel form" aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${isRefused && refusal(view, findings)}
${isFilledIn && fieldsForm(view, findings)}
${hasFields && rawEditor(view, !isFilledIn)}
</section>`;
}

const hasFiles = (fields: FieldMap): boolean => Object.values(fields).some(({ kind }) => kind === "file");

/** The Enter key presses the first button of a form: it must not be one that asks for another item. */
const hasItems = (fields: FieldMap): boolean =>
  Object.values(fields).some((field) => field.kind === "list" && innerFields(field));

const fieldsForm = (
  view: FormView,
  findings: Findings,
): Safe => html`<form method="post" action="${view.path}"${hasFiles(view.fields) && html` enctype="multipart/form-data"`}>
${csrfField(view.token)}${ifMatchField(view.etag)}${idempotencyKeyField(view.idempotencyKey)}
<input type="hidden" name="_method" value="${view.method.toUpperCase()}">
${hasItems(view.fields) && html`<button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true">${view.button}</button>`}
${fieldRows({ showing: view.showing, method: view.method, errors: findings.byField, more: view.more }, view.fields, view.values)}
<p class="submit"><button class="button solid" type="submit">${view.button}</button> <span class="method">${view.method.toUpperCase()}</span></p>
</form>`;

/** What was wrong: links to the fields, or all of it where raw JSON was sent. */
function refusal({ method, fields, raw, outcome }: FormView, { byField, whole }: Findings): Safe {
  const label = (name: string): string => labelAt(fields, name);
  const links = [...byField.keys()].map(
    (name, i) => html`${i > 0 && ", "}<a href="#${method}-${name}">${label(name)}</a>`,
  );
  const sentences = [...byField].map(([name, found]) => html`<p>${label(name)}: ${found.join(" ")}</p>`);
  return html`<div class="alert" role="alert">
<p><strong>${outcome === "unknown" ? "That did not work." : "Nothing was saved."}</strong>${raw === undefined && links.length > 0 && html` Please correct: ${links}.`}</p>
${raw !== undefined && sentences}${whole.map((sentence) => html`<p>${sentence}</p>`)}
${outcome === "changed" && html`<p>The record shows the row as it is now. What you typed is kept below: saving it again puts it in place of that.</p>`}
</div>`;
}

/** `items[0]product` is `Items 1, Product`. */
export function labelAt(fields: FieldMap, name: string): string {
  const [, head = name, index, rest = ""] = /^([^.[\]]+)(?:\.|\[(\d+)\])?(.*)$/s.exec(name) ?? [];
  const label = labelIn(fields, head) + (index === undefined ? "" : ` ${Number(index) + 1}`);
  const inner = fields[head] && innerFields(fields[head]);
  return rest === "" ? label : `${label}, ${labelAt(inner ?? {}, rest)}`;
}

function rawEditor(view: FormView, isOpen: boolean): Safe {
  const { method, path, token, fields, values, raw, rawMethods } = view;
  const content = raw ?? toJson(templateOf(method === "patch" ? seen(fields) : fields, values), 2);
  const rows = Math.min(24, Math.max(6, content.split("\n").length + 1));
  return html`<details class="raw"${isOpen && html` open`}>
<summary>Raw JSON</summary>
<form method="post" action="${path}">
${csrfField(token)}${ifMatchField(view.etag)}${idempotencyKeyField(view.idempotencyKey)}
<input type="hidden" name="_content_type" value="application/json">
<label class="visually-hidden" for="${method}-raw">Raw JSON</label>
<textarea id="${method}-raw" class="code" name="_content" rows="${rows}" spellcheck="false">${"\n"}${content}</textarea>
<p class="submit">${rawMethods.map((name) => html`<button class="button" type="submit" name="_method" value="${name}">${name}</button> `)}</p>
</form>
</details>`;
}

/** The fields that a page can show. */
const seen = (fields: FieldMap): FieldMap =>
  Object.fromEntries(Object.entries(fields).filter(([, { writeOnly }]) => !writeOnly));

/** An object to begin with: every field but for files, which JSON cannot carry, with its value, or an empty one. */
const templateOf = (fields: FieldMap, values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      if (field.kind === "file") return [];
      // A password that was sent with the fields is shown nowhere.
      const value = field.writeOnly ? undefined : values[name];
      return [[name, value instanceof Unread ? value.text : (value ?? emptyOf(field))]];
    }),
  );

/** Of a list of objects that must be sent, one of them: it shows how they look. */
function emptyOf({ kind, null: nullable, required, options }: Field): unknown {
  if (nullable) return null;
  if (kind === "nested" && "fields" in options) return templateOf(writable(options.fields as FieldMap), {});
  const item = kind === "list" && "of" in options ? (options.of as Field) : undefined;
  if (required && item?.kind === "nested") return [emptyOf(item)];
  if (kind === "list" || kind === "manyToMany") return [];
  if (kind === "dict" || kind === "nested") return {};
  return kind === "boolean" ? false : "";
}

/** Whether a person gets by with the controls: no field that must be sent is left to the raw editor. */
const canBeFilledIn = (fields: FieldMap): boolean =>
  Object.values(fields).every((field) => !field.required || hasControls(field));
