/**
 * What the server itself sets in a row: times, the user, random keys, and the defaults of fields that were not given.
 *
 * Compiled once from a model; used by `Store.create` and `Store.change`, whoever writes: a request, an action, a script.
 * Reference: django.db.models.fields (`auto_now_add`, `auto_now`, `default`, and "" for a text that may be blank).
 */
import { randomUUID } from "node:crypto";
import type { Field, Model } from "../model/index.ts";

/** When a row is written, and by whom. */
export interface Stamp {
  /** ISO 8601 in UTC. */
  readonly now: string;
  /** Key of the signed-in user; null where there is none. */
  readonly userId: number | null;
}

type Make = (stamp: Stamp) => unknown;

export interface AutomaticValues {
  /** For a row that is created. */
  create(stamp: Stamp): Record<string, unknown>;
  /** For a row that is written again. */
  update(stamp: Stamp): Record<string, unknown>;
}

/** Compiles the automatic values of a model. */
export function automaticValues({ fields }: Model): AutomaticValues {
  const created: [string, Make][] = [];
  const updated: [string, Make][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const make = atCreation(field);
    if (make) created.push([name, make]);
    if (field.options.auto === "updated") updated.push([name, now]);
  }
  return { create: collect(created), update: collect(updated) };
}

const now: Make = (stamp) => stamp.now;

function atCreation({ kind, options, null: mayBeNull }: Field): Make | undefined {
  if (kind === "manyToMany") return undefined;
  const { auto } = options;
  if (auto === "created" || auto === "updated") return now;
  if (auto === "uuid") return () => randomUUID();
  if (auto === "user") return ({ userId }) => (userId === null && !mayBeNull ? undefined : userId);
  if ("default" in options) {
    const { default: value } = options;
    return typeof value === "function" ? () => value() : () => value;
  }
  if (options.primaryKey) return undefined;
  if (mayBeNull) return () => null;
  return options.blank ? () => "" : undefined;
}

function collect(makers: readonly [string, Make][]): (stamp: Stamp) => Record<string, unknown> {
  return (stamp) => {
    const values: Record<string, unknown> = {};
    for (const [name, make] of makers) {
      const value = make(stamp);
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}
