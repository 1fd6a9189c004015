/**
 * The query parameters that say what is shown of a row: `?fields=id,title` and `?expand=author,author.publisher`.
 *
 * Names are separated by commas, empty ones are ignored. A name that is not offered is refused, as nobody wants to find out from what is missing.
 * Reference: "Sparse Fieldsets" and "Inclusion of Related Resources" of JSON:API 1.1, whose parameters these resemble.
 */
import { type Issues, ValidationError } from "../errors.ts";
import type { QueryParameters } from "./query-parameters.ts";
import { quoted } from "./serializer/messages.ts";
import { strip } from "./serializer/parse/strip.ts";
import { Invalid, invalid } from "./serializer/parser.ts";

/** What a request asks to be shown; undefined where it asks nothing. */
export interface ViewAsked {
  /** In the order of what is offered. */
  readonly names: readonly string[] | undefined;
  /** Each behind the one that it belongs to. */
  readonly paths: readonly string[] | undefined;
}

/**
 * Compiles the reader of the two parameters.
 * @param offered  what each may name; a parameter that is not declared is not looked at
 */
export function viewParameters(offered: {
  readonly fields: readonly string[] | undefined;
  readonly expand: readonly string[];
}): (query: QueryParameters) => ViewAsked | undefined {
  const [fields, expand] = [new Set(offered.fields), new Set(offered.expand)];
  return (query) => {
    const names = fields.size > 0 ? read(query.get("fields"), fields) : undefined;
    const paths = expand.size > 0 ? read(query.get("expand"), expand) : undefined;
    if (names instanceof Invalid || paths instanceof Invalid) {
      const wrong: Record<string, Issues> = {};
      if (names instanceof Invalid) wrong.fields = names.issues;
      if (paths instanceof Invalid) wrong.expand = paths.issues;
      throw new ValidationError(wrong);
    }
    return names || paths ? { names, paths } : undefined;
  };
}

function read(value: string | undefined, offered: ReadonlySet<string>): readonly string[] | Invalid | undefined {
  if (!value) return undefined;
  const asked = new Set(value.split(",").map(strip));
  asked.delete("");
  if (asked.size === 0) return undefined;
  const [unknown] = asked.difference(offered);
  if (unknown !== undefined)
    return invalid("invalid", { expected: `some of ${[...offered].join(", ")}; got "${quoted(unknown)}"` });
  const all = [...asked];
  return [...offered].filter((name) => asked.has(name) || all.some((path) => path.startsWith(`${name}.`)));
}
