/**
 * Replays the cases on PostgreSQL: a throw-away server with the fixture's rows, and a copy of its database for each group.
 *
 *     node --conditions=drf-auth-source test/conformance/postgres.ts [options of replay.mjs]
 *
 * `serve-postgres` asks this file for a copy (`--copy NAME`) and gives it to the app.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { authMigrations } from "../../src/auth/index.ts";
import {
  connect,
  type Database,
  defineStatement,
  type Executor,
  isQuery,
  type Models,
  makeMigrations,
  migrate,
  Store,
} from "../../src/db/index.ts";
import type { Model } from "../../src/model/index.ts";
import { startPostgres } from "../postgres.ts";
import app from "./app.ts";

const fixture = join(import.meta.dirname, "fixture.sqlite3");
const template = "fixture";

/** Makes the tables in an empty database and copies the fixture into them, with its keys and what the next ones will be. */
export async function loadFixture(target: Database, { models }: { readonly models: Models }): Promise<void> {
  const source = await connect(`sqlite:///${fixture}`);
  try {
    const tables = models.all.filter((model) => !isQuery(model));
    await migrate(target, [...authMigrations, ...makeMigrations(authMigrations, tables)], { now: Date.now });
    await target.transaction(async (transaction) => {
      for (const model of tables) await copyRows(model, models, source, transaction);
      for (const model of tables) await copyLinks(model, models, source, transaction);
    });
    const sequences = await source.all(defineStatement("select name, seq from sqlite_sequence", true));
    for (const [table, last] of sequences)
      await target.script(`select setval(pg_get_serial_sequence('"${table}"', 'id'), ${Number(last)})`);
  } finally {
    await source.close();
  }
}

async function copyRows(model: Model, models: Models, source: Database, target: Executor): Promise<void> {
  const [from, to] = [new Store(model, models, "sqlite"), new Store(model, models, "postgres")];
  const selection = from.selection();
  const columns = Object.entries(model.fields).flatMap(([name, { kind }]) =>
    kind === "manyToMany" ? [] : [{ name, ...selection.add(name) }],
  );
  for (const row of await from.lister(selection)(source, { where: { and: [] }, order: [] })) {
    const values = columns.map(({ name, index, resolved }) => {
      const raw = row[index];
      return [name, raw === null ? null : resolved.format.fromColumn(raw)];
    });
    await to.insert(target, Object.fromEntries(values));
  }
}

async function copyLinks(model: Model, models: Models, source: Database, target: Executor): Promise<void> {
  const [from, to] = [new Store(model, models, "sqlite"), new Store(model, models, "postgres")];
  const selection = from.selection();
  const { index } = selection.add(model.primaryKey);
  const rows = await from.lister(selection)(source, { where: { and: [] }, order: [] });
  for (const [name, { kind }] of Object.entries(model.fields)) {
    if (kind !== "manyToMany") continue;
    const links = await from.related(name).keysOf(
      source,
      rows.map((row) => row[index]),
    );
    for (const [key, keys] of links) await to.related(name).replace(target, key, keys);
  }
}

async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await connect(url, { maxConnections: 2 });
  return work(database).finally(() => database.close());
}

function named(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Starts the server, loads the fixture, and replays; the exit code is that of `replay.mjs`. */
async function replay(options: readonly string[]): Promise<number> {
  const server = await startPostgres();
  try {
    await withDatabase(server.url, (database) => database.script(`create database ${template} template template0`));
    await withDatabase(named(server.url, template), (database) => loadFixture(database, app));
    const command = `${join(import.meta.dirname, "serve-postgres")} --port {port} --db {db}`;
    const child = spawn(process.execPath, [join(import.meta.dirname, "replay.mjs"), "--app", command, ...options], {
      env: { ...process.env, CONFORMANCE_POSTGRES: server.url },
      stdio: "inherit",
    });
    const [code] = await once(child, "exit");
    return Number(code ?? 1);
  } finally {
    await server.stop();
  }
}

if (import.meta.main) {
  const options = process.argv.slice(2);
  const [first, name = ""] = options;
  if (first === "--copy") {
    const server = process.env.CONFORMANCE_POSTGRES ?? "";
    await withDatabase(server, (database) => database.script(`create database ${name} template ${template}`));
    process.stdout.write(named(server, name));
  } else process.exitCode = await replay(options);
}
