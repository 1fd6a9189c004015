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

/** What the components of a resource have behind its name: `Book`, `BookInput`, … */
const parts = [
  "",
  "Input",
  "Patch",
  "Form",
  "PatchForm",
  "Page",
  "View",
  "Errors",
  "BulkInput",
  "BulkPatch",
  "Outcome",
];

/** Components that every document may have. */
const common = ["Detail", "Findings", "Unauthorized"];

/** Whose names of components are whose, in whatever order they are declared. */
export interface ComponentNames {
  /** What the components of a resource are named after: one of its rows. */
  row(resource: string): string;
  /** A name beside those of resources, with another ending where it is one of theirs. */
  beside(name: string, ending: "Value" | "Action"): string;
}

/** Shorter names of resources choose first: `papers` has `PaperInput`, so that a row of `paper-inputs` is a `PaperInputRow`. */
export function componentNames(resources: ReadonlySet<string>): ComponentNames {
  const taken = new Set(common);
  const isTaken = (name: string): boolean => parts.some((part) => taken.has(name + part));
  const rows = new Map<string, string>();
  const inTurn = [...resources].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  for (const resource of inTurn) {
    const one = singular(resource);
    // One that another resource has by its own name is left to that.
    const wanted = pascal(one !== resource && resources.has(one) ? resource : one);
    const name = isTaken(wanted) ? freeName(`${wanted}Row`, isTaken) : wanted;
    for (const part of parts) taken.add(name + part);
    rows.set(resource, name);
  }
  return {
    row: (resource) => rows.get(resource) ?? pascal(singular(resource)),
    beside: (name, ending) => {
      const isTheirs = ending === "Value" ? taken.has(name) : isTaken(name);
      return isTheirs ? name + ending : name;
    },
  };
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
