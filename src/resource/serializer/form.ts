import type { Upload } from "../../media/index.ts";

/**
 * What an HTML form or a multipart body sent: names with one or more texts (or files), unlike the values of JSON.
 *
 * Forms cannot say null, false or "empty list", so each kind of field reads them by rules of its own (`form-values.ts`).
 * Reference: rest_framework.fields.Field.get_value and rest_framework.utils.html.
 */
export class Form {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly uploads: readonly Upload[];
  /** Names under which a file was sent that nobody took. */
  readonly untaken: ReadonlySet<string>;
  /** Names of files, lists and links that are to be emptied; HTML cannot say it, the pages can. */
  readonly emptied: ReadonlySet<string>;

  constructor(
    pairs: Iterable<readonly [name: string, value: string]>,
    uploads: readonly Upload[] = [],
    untaken: Iterable<string> = [],
    emptied: Iterable<string> = [],
  ) {
    this.uploads = uploads;
    this.untaken = new Set(untaken);
    this.emptied = new Set(emptied);
    const values = new Map<string, string[]>();
    for (const [name, value] of pairs) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
  /** The last value of a name. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }
  /** Every value of a name. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
  /** The last file of a name. */
  file(name: string): Upload | undefined {
    return this.uploads.findLast(({ field }) => field === name);
  }
  names(): IterableIterator<string> {
    return this.#values.keys();
  }
}
