/**
 * A fixture into the tables of an app: all of it or nothing, in one transaction.
 *
 * Rows may come in any order and may point at rows that come later, or at themselves: foreign keys are checked at the end. Memory holds
 * some hundred rows and the keys of content types and permissions, however long the fixture is.
 * Reference: `manage.py loaddata`. Differs: content types and permissions are found by name, so that those which the database
 * has made for itself stay as they are (`natural-keys.ts`).
 */
import { DatabaseError, type Executor, type Models, parseVerbatim } from "../db/index.ts";
import { DrfAuthError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { chooseModels, fixtureName } from "./choice.ts";
import { deferForeignKeys, findLooseRows, setSequences } from "./constraints.ts";
import { ContentTypes } from "./content-types.ts";
import type { Counts } from "./dump.ts";
import { hasNaturalKey, NameWanted, NaturalKeys } from "./natural-keys.ts";
import { type FixtureRow, RowLoader } from "./row-loader.ts";
import { Unfit } from "./unfit.ts";

/** The fixture does not fit: names the object, its model and key, and what was expected. Nothing of it is kept. */
export class LoadFailed extends DrfAuthError {
  readonly code = "load_failed";
}

export interface LoadOptions {
  /** Labels or names of models to be left out. */
  readonly exclude?: readonly string[];
  /** Leave out models and fields that the app does not have, instead of refusing them. */
  readonly ignoreUnknown?: boolean;
  /** ISO 8601; the time of what the server sets and the fixture does not have. */
  readonly now: string;
  /** Called now and then with the number of objects so far. */
  readonly onProgress?: (objects: number) => void;
}

export interface Loaded {
  /** Rows by the name of their model. */
  readonly models: Counts;
  /** Objects that were left out. */
  readonly skipped: number;
}

/** Characters of objects whose rows wait to be written. */
const MOST_WAITING = 4_000_000;

/** What JavaScript would spell in another way: long numbers, fractions, keys that look like numbers. Some texts look like that, too. */
const special = /(?:":|[[,])\s*-?\d+(?:[.eE]|\d{15})|"\d+"\s*:/;

/** The texts of a fixture's objects, some at a time (`objectsIn`). */
export type Objects = AsyncIterable<readonly string[]>;

/**
 * Loads objects of a fixture. Call it inside a transaction.
 *
 * @param read  gives the objects from the first on; called twice, since Django writes content types behind what points at them
 * @throws LoadFailed | UnknownModel
 */
export async function load(
  transaction: Executor,
  models: Models,
  read: () => Objects,
  { exclude = [], ignoreUnknown = false, now, onProgress }: LoadOptions,
): Promise<Loaded> {
  const known = new Map(models.all.map((model) => [fixtureName(model), model]));
  const excluded = new Set(exclude.flatMap((name) => chooseModels(models, [name])).map(fixtureName));
  const keys = await NaturalKeys.of(transaction);
  const loaders = new Map<string, RowLoader>();
  const counts: Record<string, number> = {};
  let [number, skipped, waiting] = [0, 0, 0];
  let current: RowLoader | undefined;
  await deferForeignKeys(transaction);
  await loadContentTypes(new ContentTypes(transaction, keys), known, excluded, read());

  const loaderOf = (name: string, model: Model): RowLoader => {
    const made = loaders.get(name) ?? new RowLoader(transaction, models, model, keys, now);
    loaders.set(name, made);
    return made;
  };
  const flush = async (): Promise<void> => {
    waiting = 0;
    if (current) await explained(`rows of ${current.model.name} up to object ${number}`, () => current?.flush());
  };
  for await (const texts of read()) {
    for (const text of texts) {
      number++;
      const object = readObject(text, number);
      const name = object.model.toLowerCase();
      const model = known.get(name);
      if (excluded.has(name) || (!model && ignoreUnknown)) {
        skipped++;
        continue;
      }
      const place = placeOf(object, number);
      if (!model) throw new LoadFailed(`${place}: the app has no such model; models: ${[...known.keys()].join(", ")}`);
      counts[name] = (counts[name] ?? 0) + 1;
      if (hasNaturalKey(model)) continue;
      const loader = loaderOf(name, model);
      if (loader !== current) await flush();
      current = loader;
      const row = special.test(text) ? readVerbatim(text) : object;
      const unknown = ignoreUnknown ? undefined : loader.unknownIn(row);
      if (unknown !== undefined) {
        const names = Object.keys(model.fields).join(", ");
        throw new LoadFailed(`${place}: "${unknown}" is not a field of ${model.name}; fields: ${names}`);
      }
      await explained(place, () => addNamed(loader, row, keys, transaction));
      waiting += text.length;
      if (waiting > MOST_WAITING) await flush();
    }
    onProgress?.(number);
  }
  await flush();
  const written = [...loaders.values()].map(({ model }) => model);
  const [loose] = await findLooseRows(transaction, models, written);
  if (loose) throw new LoadFailed(loose);
  await setSequences(transaction, written);
  return { models: counts, skipped };
}

/** Longer than any content type or permission. */
const LONG = 2000;

/** Takes content types, then permissions: what points at them by number is then known by the number it has here. */
async function loadContentTypes(
  contentTypes: ContentTypes,
  known: ReadonlyMap<string, Model>,
  excluded: ReadonlySet<string>,
  pieces: Objects,
): Promise<void> {
  const permissions: (() => Promise<void>)[] = [];
  let number = 0;
  for await (const texts of pieces)
    for (const text of texts) {
      number++;
      if (text.length > LONG || !/"(contenttypes\.contenttype|auth\.permission)"/i.test(text)) continue;
      const object = readObject(text, number);
      const name = object.model.toLowerCase();
      const model = known.get(name);
      if (!model || !hasNaturalKey(model) || excluded.has(name)) continue;
      const place = placeOf(object, number);
      const load = () => explained(place, () => contentTypes.load(model, object));
      if (model.name === "auth.permission") permissions.push(load);
      else await load();
    }
  for (const load of permissions) await load();
}

const placeOf = ({ model, pk }: FixtureObject, number: number): string =>
  `object ${number} (${model} ${JSON.stringify(pk ?? null)})`;

/** Adds a row; what it calls by name is looked up, once the rows before it are written. */
async function addNamed(loader: RowLoader, row: FixtureRow, keys: NaturalKeys, executor: Executor): Promise<void> {
  for (;;) {
    try {
      return await loader.add(row);
    } catch (error) {
      if (!(error instanceof NameWanted)) throw error;
      await loader.flush();
      if (!(await keys.find(executor, error))) throw new Unfit(`there is no ${error.model} "${error.wanted}"`);
    }
  }
}

interface FixtureObject extends FixtureRow {
  readonly model: string;
}

function readObject(text: string, number: number): FixtureObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LoadFailed(`object ${number}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (isFixtureObject(value)) return value;
  throw new LoadFailed(`object ${number}: expected {"model": "label.name", "pk": …, "fields": {…}}`);
}

/** The same object, its numbers as they are spelled. */
function readVerbatim(text: string): FixtureObject {
  const value = parseVerbatim(text);
  if (isFixtureObject(value)) return value;
  throw new TypeError("an object that was read once");
}

function isFixtureObject(value: unknown): value is FixtureObject {
  if (typeof value !== "object" || value === null || !("model" in value) || !("fields" in value)) return false;
  const { model, fields } = value;
  return typeof model === "string" && typeof fields === "object" && fields !== null && !Array.isArray(fields);
}

async function explained(place: string, work: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof Unfit || cause instanceof DatabaseError)
      throw new LoadFailed(`${place}: ${cause.message}`, { cause });
    throw cause;
  }
}
