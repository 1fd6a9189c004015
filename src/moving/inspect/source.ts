/** Declarations as the TypeScript of an app file that people read and go on with. */
import type { DeclaredField, DeclaredModel, Inspected } from "./declarations.ts";

/** Names that the file imports. */
const imported = ["defineApp", "field", "model", "permission", "resource"];

/** The text of an app file. */
export function appSource({ models, skipped }: Inspected): string {
  const constants = namesOf(models);
  const usesUser = models.some(({ fields }) => fields.some(({ to }) => to === "auth.user"));
  const names = [...imported, ...(usesUser ? ["User"] : [])];
  const routes = routesOf(models);
  const blocks = models.map((model, i) => {
    const declared = new Set(models.slice(0, i).map(({ name }) => name));
    return modelSource(model, constants, declared);
  });
  const notes = Object.entries(skipped).map(([table, reason]) => `// ${table} is left out: ${reason}.`);
  return [
    `import { ${names.join(", ")} } from "drf-auth";`,
    "",
    "// Made of a database by `drf-auth inspectdb`. It does not know who sets a value, what may be blank, or what a choice is called:",
    "// look for what should be field.owner(), field.createdAt(), field.updatedAt(), field.choice(…) or `blank: true`.",
    "// With `managed: false` no migration touches a table; Django goes on making and changing it.",
    ...notes,
    "",
    ...blocks.flatMap((block) => [block, ""]),
    "/** Closed to all but staff, until it is said who may do what. */",
    "const permissions = [permission.admin()];",
    "",
    "export default defineApp({",
    "  resources: {",
    ...models.map(
      ({ name }) => `    ${keySource(routes.get(name) ?? name)}: resource(${constants.get(name)}, { permissions }),`,
    ),
    "  },",
    "});",
    "",
  ].join("\n");
}

function modelSource(
  { name, table, fields, unique }: DeclaredModel,
  constants: ReadonlyMap<string, string>,
  declared: ReadonlySet<string>,
): string {
  const lines = fields.flatMap((field) => fieldLines(field, constants, declared));
  return [
    `export const ${constants.get(name)} = model(${JSON.stringify(name)}, {`,
    ...(table === name.replace(".", "_") ? [] : [`  table: ${JSON.stringify(table)},`]),
    "  managed: false,",
    "  fields: {",
    ...lines.map((line) => `    ${line}`),
    "  },",
    ...(unique.length > 0 ? [`  unique: ${valueSource(unique)},`] : []),
    "});",
  ].join("\n");
}

function fieldLines(
  { name, make, to, options, note }: DeclaredField,
  constants: ReadonlyMap<string, string>,
  declared: ReadonlySet<string>,
): readonly string[] {
  if (make === undefined) return [`// ${name}: ${note ?? ""}`];
  const target =
    to === "auth.user" ? "User" : to !== undefined && declared.has(to) ? constants.get(to) : to && JSON.stringify(to);
  const given = [target, Object.keys(options).length > 0 ? valueSource(options) : undefined].filter(Boolean);
  const line = `${name}: field.${make}(${given.join(", ")}),`;
  return note === undefined ? [line] : [`// ${note}`, line];
}

/** Plain data as TypeScript writes it. */
function valueSource(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueSource).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${keySource(key)}: ${valueSource(each)}`)
    .join(", ")} }`;
}

const keySource = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));

/** A constant for each model: `Book`, and `ShopBook` where two are called alike. */
function namesOf(models: readonly DeclaredModel[]): ReadonlyMap<string, string> {
  const pascal = (name: string) =>
    name.replace(/(?:^|[._])([a-z0-9])/g, (_part, letter: string) => letter.toUpperCase());
  const short = ({ name }: DeclaredModel) => pascal(name.split(".").at(-1) ?? name);
  return new Map(
    models.map((model) => {
      const isAlone = models.filter((other) => short(other) === short(model)).length === 1;
      return [
        model.name,
        isAlone && short(model) !== "User"
          ? short(model)
          : `${pascal(model.name)}${model.name.includes(".") ? "" : "Model"}`,
      ];
    }),
  );
}

/** A route for each model: `books`, and `shop-books` where two are called alike. */
function routesOf(models: readonly DeclaredModel[]): ReadonlyMap<string, string> {
  const short = ({ name }: DeclaredModel) => plural((name.split(".").at(-1) ?? name).replaceAll("_", "-"));
  return new Map(
    models.map((model) => {
      const isAlone = models.filter((other) => short(other) === short(model)).length === 1;
      return [model.name, isAlone ? short(model) : plural(model.name.replace(/[._]/g, "-"))];
    }),
  );
}

function plural(word: string): string {
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}
