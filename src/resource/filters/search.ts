/**
 * Search: `?search=golden river` finds rows in which every word occurs in one of the declared fields.
 *
 * A field may be followed through relations (`author__name`); a mark before it says how it must match: `^` begins with, `=` is,
 * `$` matches the regular expression; without one it contains the word. Case does not count.
 * Reference: rest_framework.filters.SearchFilter of 3.14 (no quoting; words end at blanks and commas; null characters do not count).
 * Differs: `@` (full-text search) is not offered; a broken regular expression and more than 32 words are a 400; two words may be
 * found in two different rows of a many-to-many field, where the reference wants them in the same one.
 */
import type { Lookup, Models, Where } from "../../db/index.ts";
import { ConfigurationError, ValidationError } from "../../errors.ts";
import type { FieldKind, Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import { strip } from "../serializer/parse/strip.ts";
import { issue } from "../serializer/parser.ts";
import { isPattern } from "./condition.ts";
import { findField } from "./named-field.ts";

export interface Search {
  /** Name of the query parameter. */
  readonly parameter: "search";
  /** Whether there is anything to search in. */
  readonly isOffered: boolean;
  /** Every path that is searched. */
  readonly paths: readonly string[];
  /** @throws ValidationError  too many words, or one that is no regular expression where one is expected */
  read(query: QueryParameters): Where | undefined;
}

const parameter = "search";
const MAX_WORDS = 32;

const marks: Readonly<Record<string, Lookup>> = { "^": "istartswith", "=": "iexact", $: "iregex" };

/** Kinds that have no text to search in. */
const unsearchable = new Set<FieldKind>([
  "boolean",
  "json",
  "foreignKey",
  "manyToMany",
  "list",
  "dict",
  "nested",
  "computed",
  "file",
]);

/**
 * Compiles the search of a resource.
 * @throws ConfigurationError  an unknown field, one without text, or a mark that is not offered
 */
export function compileSearch(declared: readonly string[], model: Model, models: Models, place: string): Search {
  const fields = declared.map((name) => compileField(name, model, models, `${place}, search "${name}"`));
  const matches = (word: string): Where => ({ or: fields.map((field) => ({ ...field, value: word })) });
  return {
    parameter,
    isOffered: fields.length > 0,
    paths: fields.map(({ path }) => path),
    read(query) {
      if (query.isEmpty || fields.length === 0) return undefined;
      const words = wordsOf(query.get(parameter) ?? "");
      if (words.length === 0) return undefined;
      if (words.length > MAX_WORDS) throw refused(`at most ${MAX_WORDS} words`);
      if (fields.some(({ lookup }) => lookup === "iregex") && !words.every(isPattern))
        throw refused("regular expressions");
      return { and: words.map(matches) };
    },
  };
}

const refused = (expected: string): ValidationError =>
  new ValidationError({ [parameter]: [issue("invalid", { expected })] });

/** The words of a search, each once. */
function wordsOf(text: string): string[] {
  const words = text
    .replaceAll("\0", "")
    .split(/[\s,]+/)
    .map(strip);
  return [...new Set(words)].filter((word) => word !== "");
}

function compileField(name: string, model: Model, models: Models, place: string): { path: string; lookup: Lookup } {
  const mark = name.charAt(0);
  if (mark === "@") throw new ConfigurationError(place, "full-text search is not offered; expected no mark, ^, = or $");
  const lookup = marks[mark];
  const { path, field } = findField(lookup ? name.slice(1) : name, model, models, place);
  if (unsearchable.has(field.kind))
    throw new ConfigurationError(place, `expected a field with text, not of ${field.kind}`);
  return { path, lookup: lookup ?? "icontains" };
}
