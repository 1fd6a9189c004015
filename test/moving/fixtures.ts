/** A model with every kind of column, and fixtures of a test's database as text. */
import { defineApp } from "../../src/app/index.ts";
import type { Database } from "../../src/db/index.ts";
import { defineModels, readConsistently } from "../../src/db/index.ts";
import { field, type Model, model } from "../../src/model/index.ts";
import { chooseModels, dump, type FixtureFormat, type LoadOptions, load, objectsIn } from "../../src/moving/index.ts";
import { resource } from "../../src/resource/index.ts";
import type { TestDatabase } from "../databases.ts";

export const Label = model("shelf.label", { fields: { name: field.slug({ unique: true }) } });

export const Thing = model("shelf.thing", {
  fields: {
    flag: field.boolean({ default: false }),
    text: field.text(),
    short: field.text({ maxLength: 20, null: true, unique: true }),
    email: field.email({ blank: true }),
    url: field.url({ blank: true }),
    slug: field.slug({ null: true }),
    ref: field.uuid({ null: true }),
    ip: field.ip({ null: true }),
    count: field.integer({ null: true }),
    big: field.integer({ big: true, null: true }),
    weight: field.float({ null: true }),
    price: field.decimal({ maxDigits: 15, decimalPlaces: 4, null: true }),
    at: field.datetime({ null: true }),
    day: field.date({ null: true }),
    clock: field.time({ null: true }),
    span: field.duration({ null: true }),
    pick: field.choice({ choices: ["a", "b"], maxLength: 1, null: true }),
    level: field.choice({ choices: [1, 2], null: true }),
    data: field.json({ null: true }),
    bytes: field.binary({ null: true }),
    few: field.integer({ small: true, null: true }),
    paper: field.file({ null: true }),
    point: field.custom(field.text({ maxLength: 12, null: true }), {
      parse: (sent): readonly [number, number] => sent as readonly [number, number],
      toColumn: ([x, y]) => `${x} ${y}`,
      fromColumn: (stored): readonly [number, number] => {
        const [x = 0, y = 0] = String(stored).split(" ").map(Number);
        return [x, y];
      },
    }),
    void: field.json({ default: 1 }),
    parent: field.foreignKey("shelf.thing", { null: true }),
    maker: field.foreignKey("auth.user", { null: true }),
    labels: field.manyToMany(Label, { blank: true }),
    friends: field.manyToMany("shelf.thing", { blank: true }),
  },
});

/** A key that is a text, and one that points at the other: a cycle of models. */
export const Country = model("shelf.country", {
  fields: {
    code: field.text({ maxLength: 2, primaryKey: true }),
    capital: field.foreignKey("shelf.city", { null: true }),
  },
});
export const City = model("shelf.city", {
  fields: { name: field.text({ maxLength: 50 }), country: field.foreignKey(Country) },
});

export const shelves: readonly Model[] = [Label, Thing, Country, City];

export const app = defineApp({ resources: { things: resource(Thing) }, models: shelves });
const models = defineModels(app.models.all);

export async function dumped(
  { url }: TestDatabase,
  only: readonly string[] = ["shelf"],
  format: FixtureFormat = "json",
): Promise<string> {
  let text = "";
  await readConsistently(url, (snapshot) =>
    dump(snapshot, models, chooseModels(models, only), { format, write: (piece) => (text += piece) }),
  );
  return text;
}

/** Loads a fixture, cut into pieces of some bytes. */
export const loaded = (database: Database, text: string, options: Partial<LoadOptions> = {}, pieceSize = 1000) =>
  database.transaction((transaction) =>
    load(transaction, models, () => objectsIn(cut(text, pieceSize)), { now: "2024-01-01T00:00:00Z", ...options }),
  );

export async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
