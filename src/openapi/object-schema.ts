/**
 * The schema of an object with fields: a row as it is shown, a body as it is sent, an answer of own code.
 *
 * What a field shows of a row may come from elsewhere (`source`), through relations; the value then has the type of the field where the
 * path ends, and is null wherever the path is broken: a foreign key that is null, or a row out of sight.
 */
import { type Models, storedField } from "../db/index.ts";
import { defineField, type Field, type FieldMap, type Model } from "../model/index.ts";
import type { Expansions } from "../resource/index.ts";
import type { Components } from "./components.ts";
import type { Schema } from "./document.ts";
import { type ComponentNames, pascal } from "./names.ts";
import { type At, nullable, type Values, valueSchema } from "./value-schema.ts";

export interface ObjectSchemas {
  /**
   * A row.
   * @param view  what a request may ask for: some fields only, related rows in place of keys
   */
  row(name: string, fields: FieldMap, model: Model, view?: View): Schema;
  /** What is sent; `isPartial` where anything may be left out. */
  body(name: string, fields: FieldMap, options?: BodyOptions): Schema;
  /** What own code answers with. */
  answer(name: string, output: FieldMap): Schema;
  /** A value of an answer that is no object. */
  value(name: string, field: Field): Schema;
  /** A key of a model's rows. */
  key(model: Model): Schema;
}

export interface View {
  readonly isSparse: boolean;
  readonly expand: Expansions;
}

export interface BodyOptions {
  readonly isPartial?: boolean;
  /** The model whose columns these are. */
  readonly model?: Model;
  /** Files are left out: no JSON holds one. */
  readonly withoutFiles?: boolean;
}

/** How deep expansions may go (`resource/expansion.ts`). */
const MAX_DEPTH = 3;

/** @param limits  whether rows of a model may be out of sight */
export function createObjectSchemas(
  models: Models,
  limits: (model: Model) => boolean,
  components: Components,
  names: ComponentNames,
): ObjectSchemas {
  const component = (name: string, schema: Schema): Schema =>
    components.refer("schemas", names.beside(name, "Value"), schema);
  const key = (model: Model): Schema => {
    const field = storedField(models, model, model.primaryKey);
    const at: At = { use: "shown", name: pascal(model.modelName) + pascal(model.primaryKey), isColumn: true };
    return { ...valueSchema(field, at, values(undefined, false)), description: `Key of a row of ${model.modelName}.` };
  };
  const keyOf = (field: Field): Schema => {
    const to = "to" in field.options ? field.options.to : undefined;
    const target =
      typeof to === "function" ? to() : typeof to === "string" ? models.all.find(({ name }) => name === to) : to;
    return target ? key(target as Model) : {};
  };
  const values = (model: Model | undefined, isPartial: boolean): Values => ({
    ...{ component, keyOf },
    object: (fields, at) =>
      at.use === "sent"
        ? sent(at.name, fields, { isPartial })
        : model
          ? row(at.name, fields, model)
          : answer(at.name, fields),
  });

  const sent = (name: string, fields: FieldMap, { isPartial = false, model, withoutFiles }: BodyOptions): Schema => {
    const writable = Object.entries(fields).filter(
      ([, { readOnly, kind }]) => !readOnly && !(withoutFiles && kind === "file"),
    );
    const properties = writable.map(([own, field]): [string, Schema] => {
      const isColumn = model?.fields[own]?.kind === field.kind;
      const at: At = { use: "sent", name: name + pascal(own), isColumn };
      // Children are replaced as a set: each of them is new, so each is whole.
      const isWhole = "rows" in field.options && field.options.rows !== undefined;
      const schema = nullable(valueSchema(field, at, values(undefined, isPartial && !isWhole)), field.null);
      return [own, described(schema, field, isPartial ? "" : defaultInWords(field))];
    });
    const required = isPartial
      ? []
      : writable.flatMap(([own, field]) => (field.required && !("default" in field.options) ? [own] : []));
    return objectOf(properties, required);
  };

  const answer = (name: string, output: FieldMap): Schema => {
    const shown = Object.entries(output).filter(([, { writeOnly }]) => !writeOnly);
    const properties = shown.map(([own, field]): [string, Schema] => [own, value(name + pascal(own), field)]);
    const isThere = ({ required, options, null: mayBeNull }: Field): boolean =>
      required || "default" in options || mayBeNull;
    return objectOf(
      properties,
      shown.flatMap(([own, field]) => (isThere(field) ? [own] : [])),
    );
  };
  const value = (name: string, field: Field): Schema => {
    const at: At = { use: "shown", name, isColumn: false };
    return described(
      nullable(valueSchema(field, at, values(undefined, false)), field.null || field.kind === "file"),
      field,
    );
  };

  const row = (name: string, fields: FieldMap, model: Model, { isSparse, expand }: View = whole, depth = 1): Schema => {
    const shown = Object.entries(fields).filter(([, { writeOnly }]) => !writeOnly);
    const properties = shown.map(([own, field]): [string, Schema] => {
      const schema = rowValue(name + pascal(own), own, field, model);
      const expansion = depth <= MAX_DEPTH ? expand[own] : undefined;
      const plain = described(schema, field);
      if (!expansion) return [own, isSparse ? plain : withDefault(plain, field)];
      const target = models.target(model, field.options.source ?? own);
      const inner = row(
        name + pascal(own),
        expansion.fields,
        target,
        { isSparse: false, expand: expansion.expand ?? {} },
        depth + 1,
      );
      const expanded: Schema = field.kind === "manyToMany" ? { type: "array", items: inner } : inner;
      const isNullable = field.kind === "foreignKey" && limits(target);
      return [own, { ...described({}, field), anyOf: [schema, nullable(expanded, isNullable)] }];
    });
    // What own code computes may be nothing at all.
    const isThere = ({ options }: Field): boolean => !isComputed(options) || showsOf(options) !== undefined;
    const required = shown.flatMap(([own, field]) => (!isSparse && isThere(field) ? [own] : []));
    return objectOf(properties, required);
  };

  /** What a row shows of a field. */
  const rowValue = (name: string, own: string, field: Field, model: Model): Schema => {
    const { options } = field;
    const at: At = { use: "shown", name, isColumn: true };
    if (isComputed(options)) return computedSchema(at, options);
    const path = options.source ?? own;
    if ("rows" in options && options.rows) {
      const { of } = options.rows as { readonly of: Model };
      return valueSchema(field, at, values(of, false));
    }
    if ("linked" in options && options.linked) return valueSchema(field, at, values(models.target(model, path), false));
    const end = endOf(path, model);
    if (!end) return {};
    if (field.kind === "nested") {
      const target = models.target(end.model, end.name);
      return nullable(valueSchema(field, at, values(target, false)), end.isNullable || field.null || limits(target));
    }
    const isSame = field.kind === end.field.kind;
    const schema = valueSchema(isSame ? field : end.field, at, values(undefined, false));
    return nullable(schema, end.isNullable || field.null || end.field.kind === "file");
  };

  const computedSchema = (at: At, options: Field["options"]): Schema => {
    const shows = showsOf(options);
    return shows ? nullable(valueSchema(shows, { ...at, isColumn: false }, values(undefined, false)), shows.null) : {};
  };

  /** The field where a path ends. */
  const endOf = (path: string, model: Model) => {
    let [at, isNullable] = [model, false];
    const steps = path.split(".");
    for (const [i, name] of steps.entries()) {
      const field = at.fields[name];
      if (!field) return undefined;
      isNullable ||= field.null;
      if (i === steps.length - 1) return { model: at, name, field, isNullable };
      at = models.target(at, name);
      isNullable ||= limits(at);
    }
    return undefined;
  };

  return {
    ...{ answer, value, key },
    row: (name, fields, model, view) => row(name, fields, model, view),
    body: (name, fields, options = {}) => sent(name, fields, options),
  };
}

const whole: View = { isSparse: false, expand: {} };

const isComputed = (options: Field["options"]): boolean => "from" in options && typeof options.from === "function";

/** The field that has such values as own code makes. */
const showsOf = (options: Field["options"]): Field | undefined =>
  "shows" in options ? (options.shows as Field | undefined) : undefined;

const objectOf = (properties: readonly (readonly [string, Schema])[], required: readonly string[]): Schema => ({
  type: "object",
  properties: Object.fromEntries(properties),
  ...(required.length > 0 && { required }),
});

/** What the declaration says of a field, for people. */
function described(schema: Schema, { options: { label, help } }: Field, more = ""): Schema {
  const description = [help ?? schema.description ?? "", more].filter((text) => text !== "").join(" ");
  return { ...schema, ...(label !== undefined && { title: label }), ...(description !== "" && { description }) };
}

const isConstant = ({ options }: Field): boolean => "default" in options && typeof options.default !== "function";

/**
 * A default in words. As a keyword of what is sent it would make generators (openapi-typescript) take the property for one that
 * is always there. What is never shown is not told here either.
 */
const defaultInWords = (field: Field): string =>
  isConstant(field) && !field.writeOnly ? `Default: ${JSON.stringify(field.options.default)}.` : "";

const withDefault = (schema: Schema, field: Field): Schema =>
  isConstant(field) ? { ...schema, default: field.options.default } : schema;

/** The field of a bare key, as the items of an array name rows by it. */
export const keyField = (field: Field): Field =>
  defineField(field.kind, { ...field.options, readOnly: false, required: true });
