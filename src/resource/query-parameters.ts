/**
 * Query parameters: the last value of a name counts, all of them are kept.
 * Reference: django.http.QueryDict, rest_framework.utils.urls.replace_query_param (links are sorted by name).
 */
const none: readonly string[] = [];

export class QueryParameters {
  readonly #values = new Map<string, string[]>();

  /** @param search  what stands after `?`, undecoded */
  constructor(search: string) {
    if (search === "") return;
    // The first mark began the query, a second one begins the first name: URLSearchParams would drop it.
    for (const [name, value] of new URLSearchParams(search.startsWith("?") ? `?${search}` : search)) {
      const values = this.#values.get(name);
      if (values) values.push(value);
      else this.#values.set(name, [value]);
    }
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value of a parameter. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every value of a parameter. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? none;
  }

  names(): IterableIterator<string> {
    return this.#values.keys();
  }

  /** `?…` with some parameters set, or removed where the value is null; sorted by name, "" where none are left. */
  with(changes: Readonly<Record<string, string | null>>): string {
    const parameters = new URLSearchParams();
    for (const [name, values] of this.#values) {
      if (!Object.hasOwn(changes, name)) for (const value of values) parameters.append(name, value);
    }
    for (const [name, value] of Object.entries(changes)) if (value !== null) parameters.append(name, value);
    parameters.sort();
    const search = parameters.toString().replaceAll("%7E", "~").replaceAll("*", "%2A");
    return search === "" ? "" : `?${search}`;
  }
}
