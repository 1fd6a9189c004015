/**
 * The names of a document: those of operations and of components.
 *
 * Each follows from the declaration of what it names alone, so that nothing else that comes or goes renames it: generated clients
 * call them.
 */
import type { Action, Endpoint } from "../resource/index.ts";

/** `on-loan` -> `OnLoan`. */
export const pascal = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** `partialUpdate` -> `partial_update`. */
export const snake = (name: string): string =>
  name
    .replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replace(/^_/, "");

/** One of what a resource's name says are many: `synonyms` -> `synonym`, `categories` -> `category`. Others stay as they are. */
export function singular(name: string): string {
  if (/(ss|us|is|ves|news|series)$/.test(name)) return name;
  return name
    .replace(/ies$/, "y")
    .replace(/(x|ch|sh|ss)es$/, "$1")
    .replace(/s$/, "");
}

/** The name of a resource's row; one that another resource has by its own name is left to that. */
export function rowName(name: string, resources: ReadonlySet<string>): string {
  const one = singular(name);
  return pascal(one !== name && resources.has(one) ? name : one);
}

/** The parts of a path that name something: `/api/v1/books/:pk/publish/` -> `books`, `publish`. */
export function namingParts(path: string, prefix: string): string[] {
  const start = path.startsWith(prefix) ? prefix.length : path.startsWith("/api/") ? "/api/".length : 1;
  return path
    .slice(start)
    .replace(/\.\w+$/, "")
    .split("/")
    .filter((part) => /^[^.:]/.test(part));
}

/** The name of an operation: what its path names, and its action where that says more; the method where actions share a name. */
export function operationName(endpoint: Endpoint, method: string, action: Action, prefix: string): string {
  const parts = namingParts(endpoint.path, prefix);
  const isShared = Object.values(endpoint.actions).filter(({ name }) => name === action.name).length > 1;
  const last = isShared ? method.toLowerCase() : (action.name.split("/").at(-1) ?? "");
  return snake([...parts, ...(last === parts.at(-1) ? [] : [last])].join("_"));
}

/** A name that nobody has yet: the wanted one, or the next that is like it. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  let name = wanted;
  for (let i = 2; isTaken(name); i++) name = `${wanted}${i}`;
  return name;
}
