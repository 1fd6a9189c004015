/**
 * Content types and permissions of a fixture: found by name, made where they are missing, never given another meaning.
 *
 * What later rows call by a number of the fixture is thereby known by the number it has here.
 */
import { builder, type Executor, type SqlValue, slot, statement } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import type { NaturalKeys } from "./natural-keys.ts";
import type { FixtureRow } from "./row-loader.ts";
import { Unfit } from "./unfit.ts";

export class ContentTypes {
  readonly #executor: Executor;
  readonly #keys: NaturalKeys;
  /** Names of content types by their numbers in the fixture. */
  readonly #theirs = new Map<unknown, readonly string[]>();

  constructor(executor: Executor, keys: NaturalKeys) {
    this.#executor = executor;
    this.#keys = keys;
  }

  /** Takes a row of one of the two models. @throws Unfit */
  async load({ name }: Model, { pk, fields }: FixtureRow): Promise<void> {
    if (name === "contenttypes.contenttype") {
      const names = [textIn(fields, "app_label"), textIn(fields, "model")];
      this.#theirs.set(pk, names);
      await this.#take(name, pk, names, { app_label: names[0], model: names[1] });
      return;
    }
    const codename = textIn(fields, "codename");
    const type = this.#typeOf(fields.content_type);
    await this.#take(name, pk, [codename, ...type.names], {
      name: textIn(fields, "name"),
      content_type_id: type.key,
      codename,
    });
  }

  #typeOf(value: unknown): { readonly key: number; readonly names: readonly string[] } {
    const names = Array.isArray(value) ? value.map(String) : this.#theirs.get(value);
    const key = names && this.#keys.keyOf("contenttypes.contenttype", names);
    if (names && key !== undefined) return { key, names };
    throw new Unfit(`field "content_type": there is no content type ${JSON.stringify(value)}`);
  }

  async #take(
    model: string,
    pk: unknown,
    names: readonly string[],
    values: Readonly<Record<string, SqlValue | undefined>>,
  ): Promise<void> {
    let key = this.#keys.keyOf(model, names);
    if (key === undefined) {
      const table = model === "auth.permission" ? "auth_permission" : "django_content_type";
      const columns = Object.keys(values);
      const insert = statement(
        builder(this.#executor.dialect)
          .insertInto(table)
          .values(Object.fromEntries(columns.map((column) => [column, slot()])))
          .returning("id"),
      );
      const given = columns.map((column) => values[column] ?? null);
      key = Number((await this.#executor.get(insert, given))?.[0]);
      this.#keys.add(model, key, names);
    }
    if (pk !== undefined && pk !== null) this.#keys.meet(model, pk, key);
  }
}

function textIn(fields: FixtureRow["fields"], name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new Unfit(`field "${name}": expected a text`);
}
