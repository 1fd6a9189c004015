/**
 * The views of a resource: its rows as one request asks to be shown them.
 *
 * The plain view is compiled at start, and is all there is for a resource that declares no other. A view of some fields and
 * expansions is compiled when it is first asked for, and kept.
 */
import { type Awaitable, after, keep, type Selection, type SqlRow, type Store } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { FieldMap } from "../model/index.ts";
import type { Context } from "./context.ts";
import { expansionPaths } from "./expansion.ts";
import { compileUrls, mediaBaseOf } from "./file-urls.ts";
import { jsonRenderer } from "./renderers.ts";
import type { Resource } from "./resource.ts";
import { compileNames, type NamedRelation, type NameRows, namedRelations } from "./row-names.ts";
import { createRowReader, type Representation, type RowReader } from "./serializer/row-reader.ts";
import type { Services } from "./services.ts";
import { compileSight, type SightOf } from "./sight.ts";
import { valueReader } from "./value-reader.ts";
import { viewParameters } from "./view-parameters.ts";
import { shownNames, type ViewShape, viewShape } from "./view-shape.ts";

/** What rows are fetched with, and what is made of them. */
export interface View {
  readonly selection: Selection;
  /** What a client sees of each row, in order. */
  readAll(context: Context, ...rows: Parameters<RowReader["readAll"]>): Promise<Representation[]>;
  /** What a client sees of one row. */
  readOne(context: Context, ...row: Parameters<RowReader["readOne"]>): Awaitable<Representation>;
  readonly list: ReturnType<Store["lister"]>;
  readonly find: ReturnType<Store["finder"]>;
  readonly sightOf: SightOf;
  /** The value of a row at a path of the list's order, where the pagination asks for it. */
  readonly valueAt: (row: SqlRow, path: string) => unknown;
}

export interface Views {
  /** What a write answers with, and is compared with. */
  readonly plain: View;
  /** The plain view; where a page is made of it, with the names of related rows (`row-names.ts`). */
  written(context: Context): Awaitable<View>;
  /**
   * What a request asks for.
   * @throws ValidationError  naming the parameter and what it may name
   */
  asked(context: Context): Awaitable<View>;
}

/** Views that are kept: each has statements of its own. */
const KEPT = 100;

/**
 * Compiles the views of a resource.
 * @param paths       what may be filtered by, searched in and sorted by
 * @param readPaths   paths whose values the pagination reads of a row
 * @param parameters  names of query parameters that mean something else
 * @throws ConfigurationError
 */
export function compileViews(
  resource: Resource,
  services: Services,
  place: string,
  { paths, readPaths, parameters }: Record<"paths" | "readPaths" | "parameters", readonly string[]>,
): Views {
  const { fields, expand, sparseFields } = resource;
  const { scopes, models } = services;
  const store = services.store(resource.model);
  const compile = ({ fields, finish }: ViewShape, relations: readonly NamedRelation[] = []): View => {
    const reader = createRowReader(store, fields, place, services.store, scopes.limits);
    const { selection } = reader;
    const valueAt = valueReader(selection, readPaths);
    const shown = seenBy(reader, fields);
    const seen = finish ? finished(shown, finish) : shown;
    const named = relations.length > 0 ? naming(seen, compileNames(relations, selection, services)) : seen;
    const sightOf = compileSight(resource, services, reader.targets.union(selection.targets), paths);
    return { ...named, selection, list: store.lister(selection), find: store.finder(selection), sightOf, valueAt };
  };
  const plain = compile({ fields });
  const kept = new Map<string, View>();
  let relations: readonly NamedRelation[] | undefined;
  const withNames = async (context: Context): Promise<View> => {
    relations ??= namedRelations(resource, services);
    const open: NamedRelation[] = [];
    for (const relation of relations) if (await scopes.shows(relation.shownBy, context)) open.push(relation);
    if (open.length === 0) return plain;
    return keep(kept, `names of ${open.map(({ field }) => field).join()}`, () => compile({ fields }, open), KEPT);
  };
  const written = (context: Context): Awaitable<View> => (context.renderer.isPage ? withNames(context) : plain);
  const offered = expansionPaths(resource, models, scopes.resourcesOf, place);
  if (!sparseFields && offered.length === 0) return { plain, written, asked: written };

  for (const [parameter, isTaken] of [["fields", sparseFields] as const, ["expand", offered.length > 0] as const])
    if (isTaken && parameters.includes(parameter))
      throw new ConfigurationError(place, `the parameter "${parameter}" is declared twice`);
  const every = shownNames(fields);
  const all = offered.map(({ path }) => path);
  const read = viewParameters({ fields: sparseFields ? every : undefined, expand: all });
  // What is wrong with an expansion is found at start.
  if (all.length > 0) compile(viewShape(fields, every, expand, new Set(all)));
  const viewOf = (names: readonly string[], open: ReadonlySet<string>): View =>
    keep(kept, `${names.join()} ${[...open].join()}`, () => compile(viewShape(fields, names, expand, open)), KEPT);

  /** Those of the expansions whose rows are shown to this user; what is behind a closed one is nowhere to be shown. */
  const openTo = async (context: Context, asked: readonly string[]): Promise<ReadonlySet<string>> => {
    const open = new Set<string>();
    for (const { path, shownBy } of offered)
      if (asked.includes(path) && (await scopes.shows(shownBy, context))) open.add(path);
    return open;
  };
  return {
    plain,
    written,
    asked(context) {
      const { query } = context.request;
      // The forms of a page are filled with the whole row.
      if (query.isEmpty || context.renderer !== jsonRenderer) return written(context);
      const asked = read(query);
      if (!asked) return plain;
      const { names = every, paths = [] } = asked;
      const top = paths.filter((path) => names.includes(path.split(".", 1)[0] ?? ""));
      return after(top.length > 0 ? openTo(context, top) : new Set<string>(), (open) => viewOf(names, open));
    },
  };
}

/** Makes what a client sees of rows. */
type Shown = Pick<View, "readAll" | "readOne">;

/** The reader of rows for the client of a request, who sees URLs of files. */
function seenBy(reader: RowReader, fields: FieldMap): Shown {
  const add = compileUrls(fields);
  if (!add)
    return {
      readAll: (_context, ...rows) => reader.readAll(...rows),
      readOne: (_context, ...row) => reader.readOne(...row),
    };
  return {
    async readAll(context, ...rows) {
      const objects = await reader.readAll(...rows);
      for (const object of objects) add(object, mediaBaseOf(context));
      return objects;
    },
    readOne: (context, ...row) =>
      after(reader.readOne(...row), (object) => {
        add(object, mediaBaseOf(context));
        return object;
      }),
  };
}

const naming = ({ readAll, readOne }: Shown, nameRows: NameRows): Shown => ({
  async readAll(context, executor, rows, sight) {
    const objects = await readAll(context, executor, rows, sight);
    await nameRows(context, executor, rows, objects);
    return objects;
  },
  readOne: (context, executor, row, sight) =>
    after(readOne(context, executor, row, sight), (object) =>
      after(nameRows(context, executor, [row], [object]), () => object),
    ),
});

const finished = ({ readAll, readOne }: Shown, finish: NonNullable<ViewShape["finish"]>): Shown => ({
  readAll: async (...rows) => (await readAll(...rows)).map(finish),
  readOne: (...row) => after(readOne(...row), finish),
});
