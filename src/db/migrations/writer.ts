/**
 * A migration as the TypeScript file that people read, review and keep.
 *
 * Only what concerns the database is written: types, keys, null, unique, indexes, and the defaults that rows get when a
 * column is added. Validators, labels, choices and default functions change nothing there and stay in the declaration.
 * Reference: django.db.migrations.writer.MigrationWriter.
 */
import { basename } from "node:path";
import { ConfigurationError } from "../../errors.ts";
import { customOf, type Field, type FieldKind, type Model, type OptionsOf } from "../../model/index.ts";
import { hasNumbers } from "../columns.ts";
import type { Code } from "./code.ts";
import type { MigrationDeclaration } from "./migration.ts";
import type { Operation, OperationKind } from "./operations.ts";
import { targetName } from "./state.ts";

/** Options as they are written; an undefined one is left out. */
type Written = { readonly [option: string]: unknown };

interface Call {
  /** The function of `field` that declares it. */
  readonly make: FieldKind;
  /** What stands before the options: the target of a relation. */
  readonly first?: string;
  readonly options?: Written;
}

type Calls = { readonly [K in FieldKind]: (options: OptionsOf[K]) => Call };

const text =
  (make: FieldKind, maxLength?: number) =>
  (options: OptionsOf["text"]): Call => ({
    make,
    options: {
      maxLength: options.maxLength === maxLength ? undefined : options.maxLength,
      blank: options.blank || undefined,
    },
  });
const bare = (make: FieldKind) => (): Call => ({ make });
const notAColumn = (kind: FieldKind) => (): Call => {
  throw new TypeError(`a ${kind} field is no column`);
};

const calls: Calls = {
  boolean: bare("boolean"),
  text: text("text"),
  email: text("email", 254),
  url: text("url", 200),
  slug: text("slug", 50),
  uuid: bare("uuid"),
  ip: bare("ip"),
  integer: ({ big, small, min }) => ({
    make: "integer",
    options: { big: big || undefined, small: small || undefined, min: min === 0 ? 0 : undefined },
  }),
  float: bare("float"),
  decimal: ({ maxDigits, decimalPlaces }) => ({ make: "decimal", options: { maxDigits, decimalPlaces } }),
  datetime: bare("datetime"),
  date: bare("date"),
  time: bare("time"),
  duration: bare("duration"),
  choice: (options) => (hasNumbers(options) ? { make: "integer" } : text("text")(options)),
  json: bare("json"),
  binary: bare("binary"),
  list: notAColumn("list"),
  dict: notAColumn("dict"),
  nested: notAColumn("nested"),
  foreignKey: ({ to }) => ({ make: "foreignKey", first: targetName(to) }),
  manyToMany: ({ to, through }) => ({ make: "manyToMany", first: targetName(to), options: { through } }),
  computed: notAColumn("computed"),
  file: ({ maxLength, blank }) => ({
    make: "file",
    options: { maxLength: maxLength === 100 ? undefined : maxLength, blank: blank || undefined },
  }),
};

/** A default as the column's kind has it: a file knows nothing of kinds of one's own. */
function plainDefault(field: Field): unknown {
  const { default: value } = field.options;
  if (typeof value === "function" || value === undefined || value === null) return undefined;
  const toColumn = customOf(field)?.toColumn;
  return toColumn ? toColumn(value) : value;
}

function fieldSource<K extends FieldKind>(place: string, field: Field<K>): string {
  const { kind, options } = field;
  const { make, first, options: own } = calls[kind](options);
  const { primaryKey, null: nullable, unique, index, column, auto } = options;
  const written = {
    ...own,
    primaryKey: primaryKey || undefined,
    null: nullable || undefined,
    unique: unique || undefined,
    index,
    column,
    default: plainDefault(field as Field),
    auto: auto === "user" ? undefined : auto,
  };
  const source = valueSource(place, written);
  if (make === "integer" && source === "{ big: true, primaryKey: true }") return "field.id()";
  return `field.${make}(${[first === undefined ? "" : JSON.stringify(first), source === "{}" ? "" : source]
    .filter((argument) => argument !== "")
    .join(", ")})`;
}

/** A value as TypeScript writes it. */
function valueSource(place: string, value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.map((each) => valueSource(place, each)).join(", ")}]`;
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    const parts = entries.map(([key, each]) => `${keySource(key)}: ${valueSource(place, each)}`);
    return parts.length ? `{ ${parts.join(", ")} }` : "{}";
  }
  throw new ConfigurationError(place, "expected a default of plain JSON, which a migration file can hold");
}

function keySource(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** The name of a migration whose code another one takes. */
const importedAs = ({ name }: NonNullable<Code["from"]>): string => `m${name}`;

/** What a file imports for code that it takes from others. */
function importsOf(operations: readonly Operation[]): readonly string[] {
  const lines = operations.flatMap((operation) => {
    const from = operation.kind === "runCode" ? operation.from : undefined;
    if (!from) return [];
    const path = `./${from.file === undefined ? `${from.name}.ts` : basename(from.file)}`;
    return [
      `// Move its code into this file before that one goes.\nimport ${importedAs(from)} from ${JSON.stringify(path)};\n`,
    ];
  });
  return [...new Set(lines)];
}

const building = (concurrently: boolean | undefined): string => (concurrently ? ", { concurrently: true }" : "");

type Sources = { readonly [K in OperationKind]: (operation: Operation<K>) => string };

const sources: Sources = {
  createModel: ({ model, declaration }) => `createModel(${JSON.stringify(model)}, ${modelSource(declaration)})`,
  deleteModel: ({ model }) => `deleteModel(${JSON.stringify(model)})`,
  releaseModel: ({ model }) => `releaseModel(${JSON.stringify(model)})`,
  addField: ({ model, name, field }) =>
    `addField(${JSON.stringify(model)}, ${JSON.stringify(name)}, ${fieldSource(placeOf(model, name), field)})`,
  removeField: ({ model, name }) => `removeField(${JSON.stringify(model)}, ${JSON.stringify(name)})`,
  renameField: ({ model, from, to, column, through }) => {
    const stored = valueSource(placeOf(model, to), { column, through });
    const words = [model, from, to].map((word) => JSON.stringify(word));
    return `renameField(${[...words, ...(stored === "{}" ? [] : [stored])].join(", ")})`;
  },
  renameModel: ({ model, to, table }) =>
    `renameModel(${JSON.stringify(model)}, ${JSON.stringify(to)}${table === undefined ? "" : `, ${valueSource(model, { table })}`})`,
  alterTable: ({ model, table }) => `alterTable(${JSON.stringify(model)}, ${JSON.stringify(table)})`,
  alterField: ({ model, name, field }) =>
    `alterField(${JSON.stringify(model)}, ${JSON.stringify(name)}, ${fieldSource(placeOf(model, name), field)})`,
  addIndex: (operation) => indexSource("addIndex", operation),
  removeIndex: (operation) => indexSource("removeIndex", operation),
  addConstraint: ({ model, constraint, concurrently }) =>
    `addConstraint(${JSON.stringify(model)}, ${valueSource(model, constraint)}${building(concurrently)})`,
  removeConstraint: ({ model, name }) => `removeConstraint(${JSON.stringify(model)}, ${JSON.stringify(name)})`,
  runSql: ({ kind: _, ...texts }) => `runSql(${valueSource("run SQL", texts)})`,
  runCode: ({ from }) => {
    if (!from)
      throw new ConfigurationError("run code", "code cannot be written to another file; take it there by hand");
    return `...${importedAs(from)}.operations.slice(${from.at}, ${from.at + 1})`;
  },
  addUnique: ({ model, fields, concurrently }) =>
    `addUnique(${JSON.stringify(model)}, ${valueSource(model, fields)}${building(concurrently)})`,
  removeUnique: ({ model, fields }) => `removeUnique(${JSON.stringify(model)}, ${valueSource(model, fields)})`,
};

const indexSource = (make: string, { model, index, concurrently }: Operation<"addIndex" | "removeIndex">): string => {
  return `${make}(${JSON.stringify(model)}, ${valueSource(model, index)}${building(concurrently)})`;
};

const placeOf = (model: string, field: string): string => `model "${model}", field "${field}"`;

function modelSource({ name, table, fields, unique, indexes, constraints, managed }: Model): string {
  const lines = [
    ...(managed ? [] : ["managed: false,"]),
    ...(table === name.replace(".", "_") ? [] : [`table: ${JSON.stringify(table)},`]),
    "fields: {",
    ...Object.entries(fields).map(([field, each]) => `  ${field}: ${fieldSource(placeOf(name, field), each)},`),
    "},",
    ...(unique.length ? [`unique: ${valueSource(name, unique)},`] : []),
    ...(indexes.length ? [`indexes: ${valueSource(name, indexes)},`] : []),
    ...(constraints.length ? [`constraints: ${valueSource(name, constraints)},`] : []),
  ];
  return `{\n${lines.map((line) => `      ${line}\n`).join("")}    }`;
}

const operationSource = <K extends OperationKind>(operation: Operation<K>): string =>
  sources[operation.kind](operation);

/**
 * The text of a migration file.
 *
 * @param importFrom  the module that the file imports from
 * @throws ConfigurationError  a default is no plain JSON
 */
export function migrationSource(
  { dependencies, replaces, operations, atomic }: MigrationDeclaration,
  importFrom = "drf-auth",
): string {
  const written = operations.map(operationSource);
  const kinds = new Set<string>(operations.map(({ kind }) => kind));
  const names = [
    ...[...kinds].filter((kind) => kind !== "runCode"),
    ...(["createModel", "addField", "alterField"].some((kind) => kinds.has(kind)) ? ["field"] : []),
    "migration",
  ].sort();
  const lines = [
    ...(dependencies.length ? [`dependencies: ${valueSource("dependencies", dependencies)},`] : []),
    ...(replaces.length ? [`replaces: ${valueSource("replaces", replaces)},`] : []),
    ...(atomic ? [] : ["atomic: false,"]),
    "operations: [",
    ...written.map((source) => `  ${source},`),
    "],",
  ];
  return `import { ${names.join(", ")} } from ${JSON.stringify(importFrom)};
${importsOf(operations).join("")}
export default migration({
${lines.map((line) => `  ${line}\n`).join("")}});
`;
}
