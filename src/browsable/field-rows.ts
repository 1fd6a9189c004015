/**
 * The rows of a form: a label, a control, what is wrong with it, and a hint, for each field; an object is a group of them, a list of
 * objects a group of items.
 */
import type { Field, FieldMap } from "../model/index.ts";
import { isObject } from "../resource/index.ts";
import { innerFields } from "./findings.ts";
import { hintOf } from "./hints.ts";
import { type Content, html, type Safe } from "./html.ts";
import { controlOf } from "./inputs.ts";
import { moreName } from "./page-form.ts";
import { labelIn, type Showing } from "./values.ts";

export interface RowsView {
  readonly showing: Showing;
  /** Begins the ids of the controls. */
  readonly method: "post" | "put" | "patch";
  /** Sentences by the name of the control. */
  readonly errors: ReadonlyMap<string, readonly string[]>;
  /** The list that is to have one more item. */
  readonly more?: string | undefined;
}

/** A control as it stands in the form. */
interface Place {
  readonly name: string;
  readonly label: string;
  readonly field: Field;
  readonly value: unknown;
  /** It may be left empty, whatever the field says: it belongs to an item that need not be. */
  readonly isSpare?: boolean;
}

/** The rows of some fields. @param prefix  what stands before their names */
export function fieldRows(
  view: RowsView,
  fields: FieldMap,
  values: Readonly<Record<string, unknown>>,
  prefix = "",
  isSpare = false,
): Safe[] {
  return Object.entries(fields)
    .filter(([, { readOnly }]) => !readOnly)
    .map(([name, field]) =>
      fieldRow(view, { name: prefix + name, label: labelIn(fields, name), field, value: values[name], isSpare }),
    );
}

/** Whether a field can be filled in with controls. */
export function hasControls(field: Field): boolean {
  const inner = innerFields(field);
  if (inner && (field.kind === "nested" || field.kind === "list"))
    return Object.values(inner).every((one) => one.readOnly || (!innerFields(one) && (!one.required || isSimple(one))));
  return isSimple(field);
}

const isSimple = (field: Field): boolean => {
  const item = "of" in field.options ? (field.options.of as Field | undefined) : undefined;
  const isDeep = item !== undefined && ["nested", "dict", "list", "manyToMany"].includes(item.kind);
  return !["dict", "nested", "computed"].includes(field.kind) && !isDeep;
};

function fieldRow(view: RowsView, place: Place): Safe {
  const { field } = place;
  if (!hasControls(field)) return leftToRaw(view, place);
  if (innerFields(field)) return field.kind === "list" ? itemsGroup(view, place) : objectGroup(view, place);
  return controlRow(view, place);
}

function controlRow(view: RowsView, { name, label, field, value, isSpare = false }: Place): Safe {
  const id = `${view.method}-${name}`;
  // The key of a row within the row tells which one it is.
  if (field.options.primaryKey === true && name.includes("["))
    return html`${value !== undefined && value !== null && html`<input type="hidden" name="${name}" value="${String(value)}" data-row>`}`;
  const errors = view.errors.get(name) ?? [];
  // A row that is edited has it already, unseen.
  const isKept = view.method === "patch" && (field.kind === "file" || field.writeOnly);
  const hint = view.method === "patch" && field.writeOnly ? "Left empty, it stays as it is." : hintOf(field);
  const described = [hint !== undefined && `${id}-hint`, errors.length > 0 && `${id}-errors`]
    .filter((part) => part !== false)
    .join(" ");
  const isBox = field.kind === "boolean" && !field.null;
  const isNeeded = field.required && !isBox && !isKept;
  const attributes: Content = [
    html` id="${id}"`,
    isNeeded && !isSpare && html` required`,
    described !== "" && html` aria-describedby="${described}"`,
    errors.length > 0 && html` aria-invalid="true"`,
    name === view.errors.keys().next().value && html` autofocus`,
  ];
  const control = controlOf({ showing: view.showing, name, field, value, attributes });
  // Within an item a box that is off must be told from an item that is not there.
  const off = isBox && /[.[]/.test(name) && html`<input type="hidden" name="${name}" value="false">`;
  return html`<div class="field${errors.length > 0 && " wrong"}${isBox && " box"}">
<label for="${id}">${label}${field.required && !isBox && html` <span class="required" title="required">*</span>`}</label>
<div class="control">
${off}${control}
${errorList(`${id}-errors`, errors)}
${hint !== undefined && html`<p class="hint" id="${id}-hint"${field.options.help === undefined && html` data-standard`}>${hint}</p>`}
</div>
</div>`;
}

const errorList = (id: string, errors: readonly string[]): Content =>
  errors.length > 0 && html`<ul class="errors" id="${id}">${errors.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;

function group(view: RowsView, { name, label, field }: Place, content: Content): Safe {
  const id = `${view.method}-${name}`;
  return html`<fieldset class="group" id="${id}"${field.kind === "list" && html` data-items="${name}"`}>
<legend>${label}${field.required && html` <span class="required" title="required">*</span>`}</legend>
${field.options.help !== undefined && html`<p class="hint">${field.options.help}</p>`}
${errorList(`${id}-errors`, view.errors.get(name) ?? [])}
${content}
</fieldset>`;
}

function objectGroup(view: RowsView, place: Place): Safe {
  const { name, field, value } = place;
  const inner = innerFields(field) ?? {};
  const rows = fieldRows(view, inner, isObject(value) ? value : {}, `${name}.`, !field.required || place.isSpare);
  return group(view, place, html`<div class="item">${rows}</div>`);
}

/** What is there, and room for one more; a button asks for another. */
function itemsGroup(view: RowsView, place: Place): Safe {
  const { name, field, value } = place;
  const inner = innerFields(field) ?? {};
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = field.options as {
    minItems?: number;
    maxItems?: number;
  };
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const spare = view.more === name ? 2 : 1;
  const count = Math.min(maxItems, Math.max(minItems, items.length + spare));
  const rows = Array.from({ length: count }, (_, i) => {
    const item = items[i];
    const isSpare = i >= minItems || place.isSpare === true;
    return html`<div class="item" role="group" aria-label="${place.label} ${i + 1}">${fieldRows(view, inner, isObject(item) ? item : {}, `${name}[${i}]`, isSpare)}</div>`;
  });
  const button =
    count < maxItems &&
    html`<p class="more-items"><button class="button" type="submit" formaction="?${moreName}=${name}#${view.method}-${name}" formnovalidate>One more</button></p>`;
  return group(view, place, html`<p class="hint">An item that is left empty is not sent.</p>${rows}${button}`);
}

const leftToRaw = ({ method, errors }: RowsView, { name, label }: Place): Safe => html`<div class="field">
<span class="label" id="${method}-${name}">${label}</span>
<p class="hint">This is written in the raw JSON below.</p>
${errorList(`${method}-${name}-errors`, errors.get(name) ?? [])}
</div>`;
