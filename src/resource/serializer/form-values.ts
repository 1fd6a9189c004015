/**
 * What a form says about a field, by kind: a raw value, nothing, or a finding where the text is to be JSON and is not.
 *
 * A form cannot send null, false or an empty list: a missing checkbox is false, a blank text is null or nothing where the field
 * allows that. Lists are repeated names or `name[0]`, objects are `name.key`, lists of objects `name[0]key`.
 * Reference: the `get_value` of rest_framework.fields and .serializers; rest_framework.utils.html.
 * Differs: the entries of a dict are read (the reference empties it), and a PATCH that names none leaves it alone; a PATCH may send
 * `name[0]`; repeated names within `name[0]` are all kept; the text `null` is refused where JSON may not be null; the empty text of a
 * file is nothing (the reference takes it for null).
 */
import { parseJson } from "../../db/index.ts";
import type { Field, FieldKind } from "../../model/index.ts";
import { Form } from "./form.ts";
import { type Invalid, invalid, missing } from "./parser.ts";

/** Reads the raw value of one field. */
export type FormValue = (form: Form) => unknown;

interface FormMode {
  readonly partial: boolean;
  readonly applyDefaults: boolean;
}

type MakeFormValue = (name: string, field: Field, mode: FormMode) => FormValue;

/** A blank is null, nothing or "", by what the field allows. Only texts and choices can be blank. */
const single: MakeFormValue = (name, { kind, options, required, null: mayBeNull }) => {
  const keepsBlank = options.blank === true && blankKinds.has(kind);
  const blank = keepsBlank ? "" : mayBeNull ? null : required ? "" : missing;
  return (form) => {
    const text = form.get(name) ?? missing;
    return text === "" ? blank : text;
  };
};

const blankKinds: ReadonlySet<FieldKind> = new Set(["text", "email", "url", "slug", "ip", "choice"]);

/** A checkbox that is off is not sent; a PATCH need not send it. */
const checkbox: MakeFormValue = (name, field, mode) => {
  const read = single(name, field, mode);
  if (mode.partial) return read;
  const off = mode.applyDefaults && "default" in field.options ? missing : false;
  return (form) => (form.has(name) ? read(form) : off);
};

const jsonText: MakeFormValue = (name) => (form) => {
  const text = form.get(name);
  return text === undefined ? missing : jsonOf(text);
};

function jsonOf(text: string): unknown | Invalid {
  try {
    return parseJson(text);
  } catch {
    return invalid("invalid", { expected: "JSON" });
  }
}

/** A file; what a control sends that was left alone is nothing, so that a form does not empty what it shows. */
const file: MakeFormValue = (name) => (form) =>
  form.file(name) ?? (form.emptied.has(name) ? null : form.get(name) || missing);

const keys: MakeFormValue =
  (name, _field, { partial }) =>
  (form) =>
    partial && !form.has(name) && !form.emptied.has(name) ? missing : form.all(name);

const list: MakeFormValue = (name, field) => {
  const ofObjects = "of" in field.options && field.options.of?.kind === "nested";
  return (form) =>
    form.has(name) && !ofObjects ? form.all(name) : (listOf(form, name) ?? (form.emptied.has(name) ? [] : missing));
};

const dict: MakeFormValue =
  (name, _field, { partial }) =>
  (form) => {
    const values = dictOf(form, name);
    return partial && Object.keys(values).length === 0 ? missing : values;
  };

const object: MakeFormValue = (name) => (form) => {
  const inner = innerForm(form, `${name}.`);
  return inner.names().next().done ? missing : inner;
};

const formValues: { readonly [K in FieldKind]: MakeFormValue } = {
  boolean: checkbox,
  text: single,
  email: single,
  url: single,
  slug: single,
  uuid: single,
  ip: single,
  integer: single,
  float: single,
  decimal: single,
  datetime: single,
  date: single,
  time: single,
  duration: single,
  choice: single,
  json: jsonText,
  binary: single,
  list,
  dict,
  nested: object,
  foreignKey: single,
  manyToMany: keys,
  computed: () => () => missing,
  file,
};

/** Kinds whose value is not sent under the field's own name, or may be a file. */
const takenOtherwise: ReadonlySet<FieldKind> = new Set(["file", "nested", "dict", "computed"]);
const untakenFile = invalid("invalid", { expected: "no file" });

/** The reader of a field's raw value; a file in place of it is refused, not left out. */
export const formValueOf: MakeFormValue = (name, field, mode) => {
  const read = formValues[field.kind](name, field, mode);
  if (takenOtherwise.has(field.kind)) return read;
  return (form) => (form.untaken.has(name) ? untakenFile : read(form));
};

/** `name[0]`, `name[1]key` …: texts and forms in the order of their numbers; undefined where there are none. */
export function listOf(form: Form, name = ""): readonly (string | Form)[] | undefined {
  const items = new Map<number, string | [string, string][]>();
  for (const full of form.names()) {
    const [, index, key] = (full.startsWith(name) && /^\[(\d+)\](.*)$/s.exec(full.slice(name.length))) || [];
    if (index === undefined || key === undefined) continue;
    const known = items.get(Number(index));
    const pairs = form.all(full).map((value): [string, string] => [key, value]);
    if (key === "") items.set(Number(index), form.get(full) ?? "");
    else if (Array.isArray(known)) for (const pair of pairs) known.push(pair);
    else items.set(Number(index), pairs);
  }
  if (items.size === 0) return undefined;
  const inOrder = [...items].sort(([a], [b]) => a - b);
  return inOrder.map(([, item]) => (typeof item === "string" ? item : new Form(item)));
}

/** `name.key`: the last text of each. */
export function dictOf(form: Form, name = ""): Readonly<Record<string, unknown>> {
  const inner = innerForm(form, `${name}.`);
  return Object.fromEntries([...inner.names()].map((key) => [key, inner.get(key)]));
}

/** What a form says of an object: its names without the prefix. */
export function innerForm(form: Form, prefix: string): Form {
  const names = [...form.names()].filter((name) => name.startsWith(prefix) && name.length > prefix.length);
  return new Form(
    names.flatMap((name) => form.all(name).map((value): [string, string] => [name.slice(prefix.length), value])),
  );
}
