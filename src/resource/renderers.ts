/**
 * How a result becomes bytes: the contract of a renderer, and JSON.
 * Reference: rest_framework.renderers.JSONRenderer (compact, U+2028 and U+2029 escaped, `indent` of the Accept header).
 */
import type { Awaitable } from "../db/index.ts";
import type { Context } from "./context.ts";
import type { Result } from "./endpoint.ts";

export interface Renderer {
  /** Name in `?format=` and in a suffix, e.g. `json`. */
  readonly format: string;
  /** Media type that it answers to, e.g. `text/html`. */
  readonly mediaType: string;
  /** Value of `Content-Type`. */
  readonly contentType: string;
  /** It makes pages for people. */
  readonly isPage?: boolean;
  /** It makes a body even of a result without data (a page that says "deleted"). */
  readonly alwaysHasBody?: boolean;
  /** Headers of every answer that it renders, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Called once it is known who asks, before the permissions: a page's form may let the request go on as another method or with
   * another body (`Context.actAs`).
   */
  prepare?(context: Context): Awaitable<void>;
  render(result: Result, context: Context): Awaitable<string>;
}

/** JSON, as a client of the reference expects it: no `charset`, keys in the order of the fields. */
export const jsonRenderer: Renderer = {
  format: "json",
  mediaType: "application/json",
  contentType: "application/json",
  render: ({ data }, { mediaParameters }) => toJson(data, indentOf(mediaParameters.indent)),
};

/** JSON text that may stand in a script; whole numbers of any size. */
export function toJson(data: unknown, indent = 0): string {
  const text = stringify(data, indent);
  return text.includes("\u2028") || text.includes("\u2029")
    ? text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")
    : text;
}

function stringify(data: unknown, indent: number): string {
  try {
    return JSON.stringify(data, undefined, indent) ?? "null";
  } catch (error) {
    // A replacer makes everything slower, so it is used only where JSON.stringify has met a bigint.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(
      data,
      (_, value) => (typeof value === "bigint" ? JSON.rawJSON(String(value)) : value),
      indent,
    );
  }
}

function indentOf(parameter: string | undefined): number {
  const indent = Number.parseInt(parameter ?? "", 10);
  return Number.isNaN(indent) ? 0 : Math.max(0, Math.min(indent, 8));
}
