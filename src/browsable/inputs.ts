/**
 * The control of a field, by kind: what a person fills in.
 *
 * Values are those that JSON carries, or the text of a form that was refused. Lists of keys stand in one text and the items of a
 * list on lines; `page-form.ts` takes them apart again. Objects are left to the raw editor.
 * Reference: rest_framework.renderers.HTMLFormRenderer.
 * Differs: a relation is a text with the key, never a list of every row there is.
 */
import type { Choice, Field, FieldKind, OptionsOf } from "../model/index.ts";
import { toJson } from "../resource/index.ts";
import { emptyName } from "./form-values.ts";
import { type Content, html, type Safe } from "./html.ts";
import { lookUp } from "./look-up.ts";
import { Unread } from "./unread.ts";
import { type Showing, targetOf, valueView } from "./values.ts";

export interface Control {
  readonly showing: Showing;
  /** In the form, such as `title` or `items[0]product`. */
  readonly name: string;
  readonly field: Field;
  /** Undefined where there is none yet. */
  readonly value: unknown;
  /** Attributes that every control of the field has: `id`, `aria-describedby`, … */
  readonly attributes: Content;
}

/** Undefined where the kind cannot be filled in here. */
type MakeControl = (control: Control) => Safe | undefined;

/** A text this long or longer is written on several lines. */
const longText = 256;

function input(type: string, extra: Content, { name, value, attributes }: Control): Safe {
  const text = toText(value);
  // A browser empties a control whose value it cannot read; what was refused must stay to be corrected.
  const shownAs = text === "" || (readable[type]?.test(text) ?? true) ? type : "text";
  return html`<input type="${shownAs}" name="${name}" value="${text}"${attributes}${extra}>`;
}

const readable: Readonly<Record<string, RegExp>> = {
  number: /^-?(\d+\.?|\d*\.\d+)(e[+-]?\d+)?$/i,
  date: /^\d{4}-\d\d-\d\d$/,
  time: /^\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/,
  "datetime-local": /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/,
};

const textarea = (text: string, rows: number, extra: Content, { name, attributes }: Control): Safe =>
  // HTML swallows the first line break, so there is always one to swallow.
  html`<textarea name="${name}" rows="${rows}"${attributes}${extra}>${"\n"}${text}</textarea>`;

const typed =
  (type: string, extra?: Safe): MakeControl =>
  (control) =>
    input(type, [lengths(control.field), extra], control);

const text: MakeControl = (control) => {
  const { options, writeOnly } = control.field;
  const maxLength = "maxLength" in options ? options.maxLength : undefined;
  if (writeOnly)
    return input("password", [lengths(control.field), html` autocomplete="new-password"`], {
      ...control,
      value: undefined,
    });
  const isLong = (typeof maxLength !== "number" && !("pattern" in options)) || Number(maxLength) >= longText;
  return isLong
    ? textarea(toText(control.value), 3, lengths(control.field), control)
    : input("text", lengths(control.field), control);
};

const number =
  (step: (field: Field) => string): MakeControl =>
  (control) => {
    const { options } = control.field;
    const limit = (name: "min" | "max"): Content =>
      name in options && html` ${name}="${String((options as { min?: number; max?: number })[name])}"`;
    return input("number", [html` step="${step(control.field)}"`, limit("min"), limit("max")], control);
  };

const decimalStep = ({ options }: Field): string =>
  "decimalPlaces" in options && typeof options.decimalPlaces === "number" && options.decimalPlaces > 0
    ? `0.${"1".padStart(options.decimalPlaces, "0")}`
    : "1";

const checkbox: MakeControl = ({ name, field, value, attributes }) => {
  const is = (expected: boolean): Content => value === expected && html` selected`;
  if (field.null) {
    return html`<select name="${name}"${attributes}><option value="">unknown</option><option value="true"${is(true)}>yes</option><option value="false"${is(false)}>no</option></select>`;
  }
  return html`<input type="checkbox" name="${name}" value="true"${value === true && html` checked`}${attributes}>`;
};

const select: MakeControl = ({ name, field, value, attributes }) => {
  const choices = ("choices" in field.options ? (field.options.choices as readonly Choice[]) : []).map((choice) =>
    typeof choice === "object" ? { value: choice[0], label: choice[1] } : { value: choice, label: String(choice) },
  );
  const isKnown = choices.some((choice) => String(choice.value) === toText(value));
  const needsBlank = !field.required || !isKnown;
  return html`<select name="${name}"${attributes}>
${needsBlank && html`<option value="">${field.required ? "Choose…" : "none"}</option>`}${choices.map(
  (choice) =>
    html`<option value="${choice.value}"${isKnown && String(choice.value) === toText(value) && html` selected`}>${choice.label}</option>`,
)}
</select>`;
};

/** Browsers know milliseconds: a finer time stays a text, so that saving it does not round it. */
const datetime: MakeControl = (control) => {
  const local = toText(control.value)
    .replace(/Z$/, "")
    .replace(/(\.\d*?)0+$/, "$1");
  return input("datetime-local", html` step="${local.includes(".") ? "0.001" : "1"}"`, { ...control, value: local });
};

/** A browser refuses to send a time that is no multiple of the step. */
const time: MakeControl = (control) => {
  const shown = toText(control.value).replace(/(\.\d*?)0+$/, "$1");
  return input("time", html` step="${shown.includes(".") ? "0.001" : "1"}"`, { ...control, value: shown });
};

const json: MakeControl = (control) => {
  const { value } = control;
  const shown = value === undefined ? "" : value instanceof Unread ? value.text : toJson(value, 2);
  return textarea(shown, 5, html` spellcheck="false" class="code"`, control);
};

/** The key of a related row, or several; never a list of all there are. */
const key =
  (many: boolean): MakeControl =>
  (control) => {
    const { showing, field, value } = control;
    const { attributes, beside } = lookUp(showing, targetOf(field), keysIn(value), many);
    return html`${input("text", attributes, control)}${beside}`;
  };

const keysIn = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

const lines: MakeControl = (control) => {
  const { options } = control.field;
  if ("of" in options && isStructure(options.of as Field | undefined)) return undefined;
  const { value } = control;
  const shown = Array.isArray(value) ? value.map(toText).join("\n") : toText(value);
  return textarea(shown, 4, undefined, control);
};

const isStructure = (field: Field | undefined): boolean =>
  field !== undefined && ["nested", "dict", "list", "manyToMany"].includes(field.kind);

/** Nobody but the person may choose a file, so there never is one in the control; what the row has is linked beside it. */
const file: MakeControl = ({ showing, name, field, value, attributes }) => {
  const { extensions, image } = field.options as OptionsOf["file"];
  const accept = image ? "image/*" : extensions?.map((end) => `.${end}`).join(",");
  const control = html`<input type="file" name="${name}"${accept !== undefined && html` accept="${accept}"`}${attributes}>`;
  if (typeof value !== "string" || value === "") return control;
  return html`${control}<p class="hint">Now: ${valueView(value, field, showing)}${field.null && html` <label class="emptying"><input type="checkbox" name="${emptyName}" value="${name}"> Remove it</label>`}</p>`;
};

const none: MakeControl = () => undefined;

const controls = {
  boolean: checkbox,
  text,
  email: typed("email"),
  url: typed("url"),
  slug: typed("text"),
  uuid: typed("text"),
  ip: typed("text"),
  integer: number(() => "1"),
  float: number(() => "any"),
  decimal: number(decimalStep),
  datetime,
  date: typed("date"),
  time,
  duration: typed("text"),
  choice: select,
  json,
  binary: typed("text"),
  list: lines,
  dict: none,
  nested: none,
  foreignKey: key(false),
  manyToMany: key(true),
  computed: none,
  file,
} satisfies Record<FieldKind, MakeControl>;

/** The control of a field; undefined where only the raw editor can fill it in. */
export const controlOf = (control: Control): Safe | undefined => controls[control.field.kind](control);

function lengths({ options }: Field): Content {
  const { maxLength, minLength } = options as { readonly maxLength?: number; readonly minLength?: number };
  return [
    maxLength !== undefined && html` maxlength="${maxLength}"`,
    minLength !== undefined && html` minlength="${minLength}"`,
  ];
}

function toText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (value instanceof Unread) return value.text;
  if (Array.isArray(value)) return value.map(toText).join(", ");
  return typeof value === "object" ? toJson(value) : String(value);
}
