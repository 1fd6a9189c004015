/**
 * The columns of a list: what its rows show, what may be sorted by, and which of them this person chose.
 *
 * The choice is the query parameter `_columns`, given once for each; from there it is kept in a cookie of that list's path, so that
 * it stands without scripts. Lists whose path has a placeholder, one for each author say, share a choice.
 */
import { deleteCookie, parseCookies, serializeCookie } from "../auth/index.ts";
import type { Field, FieldMap } from "../model/index.ts";
import type { Context, Endpoint } from "../resource/index.ts";
import { labelIn } from "./values.ts";

export interface Column {
  readonly name: string;
  readonly label: string;
  readonly field: Field | undefined;
  /** What `?ordering=` calls it, where lists may be sorted by it. */
  readonly order: string | undefined;
}

export interface Columns {
  readonly all: readonly Column[];
  readonly shown: readonly Column[];
}

export const columnsParameter = "_columns";
const maxAgeSeconds = 31_536_000;
/** Columns where nobody chose: so many fit. */
const FEW = 8;

/** @param rows  those of the page, for what has no declared fields */
export function columnsOf(context: Context, rows: readonly unknown[]): Columns {
  const { endpoint, request } = context;
  const fields: FieldMap = endpoint.fields ?? {};
  const names = namesOf(fields, rows);
  const orders = endpoint.parameters?.ordering ?? [];
  const all = names.map((name) => {
    const field = fields[name];
    const source = (field?.options.source ?? name).replaceAll(".", "__");
    return { name, label: labelIn(fields, name), field, order: orders.find((one) => one === source || one === name) };
  });
  const asked = request.query.all(columnsParameter).filter((name) => name !== "");
  const remembered =
    parseCookies(request.headers.cookie ?? "")
      .get(cookieOf(endpoint).name)
      ?.split(".") ?? [];
  const chosen = request.query.has(columnsParameter) ? asked : remembered;
  if (request.query.has(columnsParameter))
    remember(
      context,
      asked.filter((name) => names.includes(name)),
    );
  const shown = all.filter(({ name }) => chosen.includes(name));
  return { all, shown: shown.length > 0 ? shown : fitting(all) };
}

/** The declared ones; of rows that an action made up, what they have. */
function namesOf(fields: FieldMap, rows: readonly unknown[]): string[] {
  const declared = Object.keys(fields).filter((name) => !fields[name]?.writeOnly);
  const [first] = rows;
  if (typeof first !== "object" || first === null) return declared;
  const there = Object.keys(first);
  return there.every((name) => name in fields) ? declared.filter((name) => there.includes(name)) : there;
}

/** Of many columns the first ones that are no structures. */
function fitting(all: readonly Column[]): readonly Column[] {
  if (all.length <= FEW) return all;
  const structures = ["json", "dict", "list", "manyToMany"];
  const simple = all.filter(({ field }) => !field || !structures.includes(field.kind));
  return simple.slice(0, FEW);
}

/** The name and the path of a list's cookie. The part of a path before a placeholder is another list's, so the name tells them apart. */
function cookieOf({ path }: Endpoint): { name: string; path: string } {
  const placeholder = path.indexOf(":");
  if (placeholder < 0) return { name: "columns", path };
  return { name: `columns${path.replace(/\W+/g, ".")}`, path: path.slice(0, placeholder) };
}

/** A year, for this list alone; none chosen is none remembered. */
function remember(context: Context, names: readonly string[]): void {
  const { name, path } = cookieOf(context.endpoint);
  if (!names.every((one) => /^\w+$/.test(one))) return;
  const attributes = { path, sameSite: "Lax", httpOnly: true } as const;
  context.setCookie(
    names.length === 0
      ? deleteCookie(name, attributes)
      : serializeCookie(name, names.join("."), { ...attributes, maxAgeSeconds }, context.now),
  );
}
