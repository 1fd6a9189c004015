/** The endpoints as places that people visit: which page stands at a path, and where the rows of a model are. */
import type { Endpoint } from "../resource/index.ts";

/** The endpoints as places that people visit. */
export interface SiteMap {
  /** Every endpoint; literal paths first. */
  all(): readonly Endpoint[];
  /** The endpoint that answers a path. */
  at(path: string): Endpoint | undefined;
  /** The path that the keys of a list's rows follow, where rows have pages. */
  rowsBelow(list: Endpoint): string | undefined;
  /** The path that the keys of a model's rows follow, where rows of it have pages. */
  rowsOf(model: string): string | undefined;
  /** The list of a model where rows of it can be looked up: it is searched, and comes in pages. */
  lookUpOf(model: string): Endpoint | undefined;
  /** The actions right below the page at a path: `recent/` of a list, `publish/` of a row. */
  actionsOf(endpoint: Endpoint, path: string): readonly { readonly endpoint: Endpoint; readonly path: string }[];
}

interface Place {
  readonly endpoint: Endpoint;
  matches(path: string): boolean;
}

/** @param endpoints  called when the first page is made, since endpoints need their renderer before */
export function createSiteMap(endpoints: () => readonly Endpoint[]): SiteMap {
  let compiled: readonly Place[] | undefined;
  const all = (): readonly Place[] => {
    // A literal path such as `books/recent/` comes before `books/:pk/`.
    compiled ??= [...endpoints()]
      .sort((a, b) => Number(a.path.includes("/:")) - Number(b.path.includes("/:")))
      .map((endpoint) => ({ endpoint, matches: matcherOf(endpoint.path) }));
    return compiled;
  };
  const find = (is: (endpoint: Endpoint) => boolean): Endpoint | undefined =>
    all().find(({ endpoint }) => is(endpoint))?.endpoint;
  const rows = new Map<string, string | undefined>();
  const lookUps = new Map<string, Endpoint | undefined>();
  return {
    all: () => all().map(({ endpoint }) => endpoint),
    at: (path) => all().find(({ matches }) => matches(path))?.endpoint,
    rowsBelow: (list) =>
      list.on === "list" && list.model
        ? rowsIn(find((one) => isRow(one) && one.model === list.model && list.path.startsWith(one.path.slice(0, -4))))
        : undefined,
    rowsOf: (model) => remembered(rows, model, () => rowsIn(find((one) => isRow(one) && one.model?.name === model))),
    lookUpOf: (model) => remembered(lookUps, model, () => find((one) => one.model?.name === model && isLookUp(one))),
    actionsOf: (endpoint, path) =>
      all()
        .map((page) => page.endpoint)
        .filter(
          (other) =>
            other !== endpoint &&
            other.on === endpoint.on &&
            other.model === endpoint.model &&
            isChild(other.path, endpoint.path),
        )
        .map((other) => ({ endpoint: other, path: path + other.path.slice(endpoint.path.length) })),
  };
}

function remembered<V>(answers: Map<string, V | undefined>, name: string, find: () => V | undefined): V | undefined {
  if (!answers.has(name)) answers.set(name, find());
  return answers.get(name);
}

const isRow = ({ on, path }: Endpoint): boolean => on === "detail" && path.endsWith("/:pk/");

const rowsIn = (row: Endpoint | undefined): string | undefined => (isPage(row) ? row.path.slice(0, -4) : undefined);

/** Whether one of its pages is found by a few words: not a list that would come as a whole. */
const isLookUp = ({ on, path, actions, parameters }: Endpoint): boolean =>
  on === "list" &&
  !path.includes("/:") &&
  actions.GET?.name === "list" &&
  parameters !== undefined &&
  parameters.search.length > 0 &&
  parameters.pagination.kind !== "none";

/** Whether people can look at it. */
export const isPage = (endpoint: Endpoint | undefined): endpoint is Endpoint =>
  endpoint !== undefined && "GET" in endpoint.actions && endpoint.renderers.some(({ isPage }) => isPage);

const isChild = (path: string, parent: string): boolean =>
  path.startsWith(parent) && /^[^/:]+\/$/.test(path.slice(parent.length));

/** Whether a path has the shape of an endpoint's, where `:name` stands for anything but nothing. */
function matcherOf(shape: string): (path: string) => boolean {
  const expected = shape.split("/");
  return (path) => {
    const parts = path.split("/");
    return (
      parts.length === expected.length &&
      expected.every((part, i) => (part.startsWith(":") ? parts[i] !== "" : parts[i] === part))
    );
  };
}
