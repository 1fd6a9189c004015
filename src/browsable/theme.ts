/**
 * What a project may change of its pages: stylesheets and scripts of its own, and the blocks that pages are made of.
 *
 * Stylesheets come after ours, so that they need only set our custom properties (`--accent`, `--page`, …). A block is given what
 * would stand there, and returns what does. Everything goes through `html`, which escapes what is put in.
 */
import { checkNames } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { User } from "../resource/index.ts";
import type { Content, Safe } from "./html.ts";

/** What a block may know of its page. */
export interface PageFacts {
  /** Name of the API. */
  readonly title: string;
  /** What the page is called, e.g. `Book List`. */
  readonly name: string;
  /** Path without the query. */
  readonly path: string;
  readonly method: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** What the answer holds. */
  readonly data: unknown;
  /** Who is signed in. */
  readonly user: User | undefined;
}

/** Makes what stands in a place of a page. @param standard  what stands there otherwise */
export type Block = (standard: Safe, page: PageFacts) => Content;

export interface Blocks {
  /** The name of the API at the top, which leads home. */
  readonly brand?: Block;
  /** What stands beside it: who is signed in. */
  readonly header?: Block;
  /** The list of resources on the home page. */
  readonly home?: Block;
  /** Everything between top and bottom. */
  readonly main?: Block;
  /** The bottom, where there is nothing otherwise. */
  readonly footer?: Block;
}

/**
 * How the pages of an app look.
 * @example
 * defineApp({
 *   resources,
 *   settings: { staticDirectories: ["static"] },
 *   pages: {
 *     styles: ["brand.css"],
 *     blocks: { footer: (_, { user }) => html`<p>${user ? `Hello ${user.username}` : "Ask us for an account."}</p>` },
 *   },
 * });
 */
export interface PagesDeclaration {
  /** Static files with rules that come after ours. */
  readonly styles?: readonly string[];
  /** Static files with scripts, loaded as modules after ours. */
  readonly scripts?: readonly string[];
  readonly blocks?: Blocks;
}

const optionNames = { styles: true, scripts: true, blocks: true } satisfies Record<keyof PagesDeclaration, true>;

const blockNames = {
  brand: true,
  header: true,
  home: true,
  main: true,
  footer: true,
} satisfies Record<keyof Blocks, true>;

/** @throws ConfigurationError  an option or a block that there is not, or a block that is no function */
export function checkPages(declared: PagesDeclaration): void {
  checkNames("app, pages", declared, optionNames, "option");
  const { blocks = {} } = declared;
  checkNames("app, pages, blocks", blocks, blockNames, "block");
  for (const [name, block] of Object.entries(blocks))
    if (typeof block !== "function")
      throw new ConfigurationError(`app, pages, block "${name}"`, `expected a function, got ${typeof block}`);
}
