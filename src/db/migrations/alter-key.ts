/**
 * A primary key that gets another type: its own column, and every column that holds such a key, in other tables and in those between
 * models.
 *
 * Reference: `_alter_field` of django.db.backends.base.schema, `_is_relation`, `_related_objects` of its SQLite counterpart.
 * Differs: a key that Django counts with a sequence of its own counts on in the new type.
 */
import { columnOf, type Field, type Model } from "../../model/index.ts";
import { columnType, isAutomatic, isKind, keyField, quote, type Resolve } from "../columns.ts";
import type { Dialect } from "../database.ts";
import { alterColumn, dropUnnamed } from "./alter-column.ts";
import { converted, guardOf, typeChange } from "./convert.ts";
import { partsFor } from "./parts.ts";
import { remakeTable } from "./remake.ts";
import type { Changes } from "./schema-editor.ts";
import { changeState, getModel, type ProjectState, relationOf } from "./state.ts";
import { throughModels } from "./through.ts";

/** A column that holds the key, with its table on both sides. */
interface Pointing {
  readonly before: Model;
  readonly after: Model;
  readonly field: string;
}

export function alterKey(dialect: Dialect, from: ProjectState, to: ProjectState, name: string): Changes {
  const find =
    (state: ProjectState): Resolve =>
    (target) =>
      getModel(state, target);
  const [before, after] = [getModel(from, name), getModel(to, name)];
  const [old, is] = [keyField(before), keyField(after)];
  const [was, column] = [columnOf(before.primaryKey, old), columnOf(after.primaryKey, is)];
  const pointing = pointingAt(name, from, to);
  if (dialect === "postgres") return alterAll(before, after, pointing, [find(from), find(to)]);
  if (was === column) return remakeAll(before, after, pointing, [find(from), find(to)]);
  // What points at the key learns its new name, and only then its new type.
  const named = { ...old, options: { ...old.options, column } } as Field;
  const between = changeState(from, { kind: "alterField", model: name, name: before.primaryKey, field: named });
  return [
    `ALTER TABLE ${quote(before.table)} RENAME COLUMN ${quote(was)} TO ${quote(column)}`,
    ...(typeChange([named, find(between)], [is, find(to)]) ? alterKey(dialect, between, to, name) : []),
  ];
}

/** Where a key that is itself a relation is pointed at, those columns change as well. */
function pointingAt(name: string, from: ProjectState, to: ProjectState): readonly Pointing[] {
  const tablesOf = (state: ProjectState): Model[] =>
    [...state.values()].flatMap((each) => [each, ...throughModels(each, (target) => getModel(state, target))]);
  const tables = tablesOf(from);
  const afterwards = new Map(tablesOf(to).map((each) => [each.name, each]));
  const found: Pointing[] = [];
  const collect = (target: string): void => {
    for (const before of tables) {
      for (const [field, each] of Object.entries(before.fields)) {
        const after = afterwards.get(before.name);
        const isOne = isKind(each, "foreignKey") && relationOf(each) === target;
        if (!isOne || !after || found.some((other) => other.before === before && other.field === field)) continue;
        found.push({ before, after, field });
        if (before.primaryKey === field) collect(before.name);
      }
    }
  };
  collect(name);
  return found;
}

type Sides = readonly [formerly: Resolve, resolve: Resolve];

const changeIn = ({ before, after, field }: Pointing, [formerly, resolve]: Sides) => {
  const [old, is] = [before.fields[field], after.fields[field]];
  return old && is && typeChange([old, formerly], [is, resolve]);
};

function remakeAll(before: Model, after: Model, pointing: readonly Pointing[], sides: Sides): Changes {
  const [formerly, resolve] = sides;
  const own: Pointing = { before, after, field: before.primaryKey };
  const tables = new Map([own, ...pointing].map((each) => [each.before.table, each]));
  const guards = (when: "before" | "after"): Changes =>
    [own, ...pointing].flatMap((each) => {
      const change = changeIn(each, sides);
      const of = when === "before" ? each.before : each.after;
      const field = of.fields[each.field];
      return change && field ? guardOf(of.table, columnOf(each.field, field), change, when) : [];
    });
  return [
    ...guards("before"),
    ...[...tables.values()].map((each) => remakeTable(each.before, each.after, resolve, formerly)),
    ...guards("after"),
  ];
}

function alterAll(before: Model, after: Model, pointing: readonly Pointing[], sides: Sides): Changes {
  const [, resolve] = sides;
  const parts = partsFor("postgres", resolve);
  const [old, field] = [keyField(before), keyField(after)];
  const [table, column] = [quote(after.table), quote(columnOf(after.primaryKey, field))];
  const sequence = `pg_get_serial_sequence(${text(table)}, ${text(columnOf(after.primaryKey, field))})`;
  const [counted, counts] = [isAutomatic(old), isAutomatic(field)];
  const was = quote(columnOf(before.primaryKey, old));
  const pointingColumn = ({ after: of, field: name }: Pointing): string => columnOf(name, of.fields[name] ?? field);
  return [
    ...pointing.map((each) => dropUnnamed(each.after, pointingColumn(each), "f")),
    ...(counted && !counts
      ? [
          `ALTER TABLE ${table} ALTER COLUMN ${was} DROP IDENTITY IF EXISTS`,
          `ALTER TABLE ${table} ALTER COLUMN ${was} DROP DEFAULT`,
        ]
      : []),
    ...alterColumn(before, after, after.primaryKey, resolve),
    ...(counted && counts
      ? [
          inBlock(
            `IF ${sequence} IS NOT NULL THEN EXECUTE 'ALTER SEQUENCE ' || ${sequence} || ' AS ${columnType(field, "postgres", resolve)}'; END IF`,
          ),
        ]
      : []),
    ...(counts && !counted
      ? [
          `ALTER TABLE ${table} ALTER COLUMN ${column} ADD GENERATED BY DEFAULT AS IDENTITY`,
          `SELECT setval(${sequence}, coalesce(max(${column}), 1), max(${column}) IS NOT NULL) FROM ${table}`,
        ]
      : []),
    ...pointing.flatMap((each) => {
      const change = changeIn(each, sides);
      const name = pointingColumn(each);
      // A key that is a relation itself was changed with what it points at.
      return change
        ? [
            `ALTER TABLE ${quote(each.after.table)} ALTER COLUMN ${quote(name)} TYPE ${change.type} USING ${converted("postgres", name, change)}`,
          ]
        : [];
    }),
    ...pointing.flatMap(({ after: of, field: name }) =>
      parts
        .besides(of, name)
        .filter(({ kind }) => kind === "constraint")
        .map(({ add }) => add),
    ),
  ];
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const inBlock = (statement: string): string => `DO ${text(`BEGIN ${statement}; END`)}`;
