/** What every request may ask of the app: made once at start by `app.ts`, passed to each lifecycle. */
import type { Logger } from "../config/index.ts";
import type { Awaitable, Database, Models, OpenQueries, OpenTable, Store, Values } from "../db/index.ts";
import type { Media } from "../media/index.ts";
import type { Model } from "../model/index.ts";
import type { User } from "./authentication.ts";
import type { Context } from "./context.ts";
import type { Idempotency } from "./idempotency.ts";
import type { Scopes } from "./scopes.ts";
import type { Throttle } from "./throttling.ts";

/** A row that a resource has written. */
export interface Change {
  readonly key: unknown;
  /** The row as it was; undefined where it was created. */
  readonly before: Readonly<Record<string, unknown>> | undefined;
  /** What was written to it; undefined where it was deleted. */
  readonly values: Values | undefined;
}

/** Told of a change once it is committed. What it throws is logged, and changes no answer. */
export type Watcher = (context: Context, change: Change) => Awaitable<unknown>;

export interface Services {
  readonly database: Database;
  readonly models: Models;
  /** The rows of a model. */
  store(model: Model): Store;
  /** The same as typed objects, in the database or a transaction. */
  readonly table: OpenTable;
  /** Kysely over models, in the database or a transaction. */
  readonly queries: OpenQueries;
  /** Which rows of a model a request may link to. */
  readonly scopes: Scopes;
  /** The permissions of a user, his own and his groups', as `label.codename`. */
  permissionsOf(user: User): Promise<ReadonlySet<string>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Largest body that is read. */
  readonly maxBodyBytes: number;
  /** Keeps the files of file fields; there where a model has one. */
  readonly media?: Media;
  /** Counts the requests of scoped endpoints; without one nothing is throttled. */
  readonly throttle?: Throttle;
  /** Keeps answers for requests that are sent again; there where a resource wants it. */
  readonly idempotency?: Idempotency;
  /** Headers that every answer carries, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The application's log. */
  readonly log: Logger;
  /** Told of errors that are nobody's but ours: they are answered with a bare 500. */
  onError(error: unknown, request: { readonly method: string; readonly path: string; readonly id: string }): void;
  /** Who is told of what resources write to a model, if anybody. */
  watcherOf?(model: Model): Watcher | undefined;
  /** Told of what a signed-in user was not allowed to do. */
  onDenied?(context: Context): void;
}
