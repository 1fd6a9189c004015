/**
 * Who may do what: every action of an app asked by everybody, over HTTP, against a row made for this one question.
 *
 * What is asked comes from the declarations, so that an action that is added is in the matrix by itself.
 */
import type { App } from "../app/index.ts";
import { everything, isQuery } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { type Actor, type Asker, makeAskers } from "./actors.ts";
import { type Asked, askedOf } from "./asked.ts";
import { rememberRows } from "./cleaner.ts";
import { createDatabase } from "./database.ts";
import { sentAs } from "./files.ts";
import { createMaker } from "./maker.ts";
import { createOwners } from "./owners.ts";
import type { Samples } from "./samples.ts";
import { serveTest, type TestOptions } from "./test-app.ts";
import { textOf } from "./text.ts";
import { type Answered, type Verdict, verdictOf } from "./verdict.ts";

/** What one actor was answered. */
export interface Cell {
  /** `notes.create`, `notes.publish`, `echo.post`. */
  readonly action: string;
  readonly method: string;
  /** With `:pk` for the key of a row. */
  readonly path: string;
  readonly actor: Actor;
  readonly verdict: Verdict;
  readonly status: number;
}

/** A write that is allowed to somebody who has nothing to do with the row. */
export interface UnguardedWrite {
  readonly action: string;
  readonly actor: "anonymous" | "other";
}

export interface AuthorizationMatrix {
  /** In the order of the declarations, then of the actors. */
  readonly cells: readonly Cell[];
  readonly unguardedWrites: readonly UnguardedWrite[];
  /** A table: a line for each action, a column for each actor, `-` where nobody was asked. */
  toText(): string;
}

export interface MatrixOptions extends TestOptions {
  /** Values that cannot be made up from the declarations. */
  readonly samples?: Samples;
}

/**
 * Asks every action of an app as every actor. Rates are not counted, and the clock stands still.
 *
 * @param app  the default export of the app file
 * @throws ConfigurationError  a value cannot be made up, or was refused: names the model and the field that needs a sample
 * @throws Error  an answer was a 500; `cause` is what was thrown
 * @example
 * const { cells, unguardedWrites, toText } = await authorizationMatrix(app);
 */
export async function authorizationMatrix(app: App, options: MatrixOptions = {}): Promise<AuthorizationMatrix> {
  const database = await createDatabase(options.databaseUrl);
  const unlimited: App = { ...app, rates: new Map(Array.from(app.rates.keys(), (scope) => [scope, null])) };
  const test = await serveTest(unlimited, database, { settings: options.settings, tables: "all" });
  try {
    const cells = await cellsOf(app, test, options.samples ?? {});
    return { cells, unguardedWrites: cells.flatMap(unguarded), toText: () => textOf(cells) };
  } finally {
    await test.stop();
  }
}

/** What a resource may demand of a write beside its body (`requireIfMatch`, `idempotencyKey`). */
const demanded: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PUT: { "if-match": "*" },
  PATCH: { "if-match": "*" },
  DELETE: { "if-match": "*" },
};

const unguarded = ({ action, actor, method, verdict }: Cell): readonly UnguardedWrite[] =>
  method !== "GET" && verdict === "allowed" && (actor === "anonymous" || actor === "other") ? [{ action, actor }] : [];

async function cellsOf(
  app: App,
  test: Awaited<ReturnType<typeof serveTest>>,
  samples: Samples,
): Promise<readonly Cell[]> {
  const { database, services } = test;
  const { models } = app;
  const owners = createOwners(models);
  const maker = createMaker({
    ...{ models, owners, executor: database, samples, now: () => test.clock.now },
    insert: async (model, values) => (await test.insert(model, [values]))[0],
  });
  const everybody = await makeAskers(test);
  const owner = everybody.find(({ name }) => name === "owner")?.id ?? 0;
  const clean = await rememberRows(models, database, services.store);

  /** A query has the rows that others have: one of each is made. */
  const rowOf = async (model: Model, of: number): Promise<unknown> => {
    if (!isQuery(model)) return maker.row(model, of);
    const tables = new Set(Object.values(app.resources).map((resource) => resource.model));
    for (const table of tables) if (!isQuery(table)) await maker.row(table, of);
    return (await services.store(model).keysWhere(database, everything))[0];
  };

  const ask = async (asked: Asked, { name, id, client }: Asker): Promise<Answered> => {
    const { resource, fields, method, path } = asked;
    const model = asked.on && resource?.model;
    const key = model && (await rowOf(model, owner));
    if (asked.on === "row" && key === undefined)
      throw new ConfigurationError(
        `model "${model?.name}"`,
        "the query has no row; expected samples with which it has",
      );
    if (model && name === "other" && id !== undefined && !isQuery(model)) await rowOf(model, id);
    const body = fields && { ...(await maker.body(fields, asked.sampled, owner)), ...keyIn(asked, key) };
    const answer = await client(method, path.replace(":pk", encodeURIComponent(String(key))), {
      ...(body && fields && sentAs(body, fields)),
      headers: method === "POST" ? { "idempotency-key": crypto.randomUUID() } : demanded[method],
    });
    if (answer.status >= 500)
      throw new Error(`${asked.name} as ${name}: ${method} ${path} was answered with ${answer.status}`, {
        cause: test.faults.at(-1),
      });
    await clean();
    return { actor: name, answer, key };
  };

  const cells: Cell[] = [];
  for (const asked of askedOf(app, test.endpoints)) {
    const { name: action, method, path, fields = {}, on, resource } = asked;
    const isOwned =
      (on && resource && owners.hasOwner(resource.model)) ||
      Object.values(fields).some((field) => !field.readOnly && owners.leadsToOwner(field));
    const asking = everybody.filter(({ name }) => isOwned || (name !== "owner" && name !== "other"));
    const answers: Answered[] = [];
    for (const asker of asking) answers.push(await ask(asked, asker));
    for (const answered of answers) {
      const verdict = verdictOf(asked, answered, answers, models);
      cells.push({ action, method, path, actor: answered.actor, verdict, status: answered.answer.status });
    }
  }
  return cells;
}

/** A row that is written again keeps its key, where clients set keys. */
function keyIn({ on, isCrud, fields = {}, resource }: Asked, key: unknown): Readonly<Record<string, unknown>> {
  const name = resource?.model.primaryKey ?? "";
  return on === "row" && isCrud && fields[name]?.readOnly === false ? { [name]: key } : {};
}
