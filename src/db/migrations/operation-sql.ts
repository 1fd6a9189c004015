/**
 * How the database gets from one side of an operation to the other: operations in, SQL out, forwards and backwards.
 *
 * Called by the executor for each step, and by `sqlmigrate` to show what would run.
 * Reference: `database_forwards` and `database_backwards` of django.db.migrations.operations.
 */
import { ConfigurationError } from "../../errors.ts";
import type { Constraint, Model } from "../../model/index.ts";
import type { Dialect } from "../database.ts";
import { alterKey } from "./alter-key.ts";
import type { RunCode } from "./code.ts";
import type { Operation, OperationKind, SqlTexts } from "./operations.ts";
import type { Sql } from "./remake.ts";
import { renameTables } from "./rename-tables.ts";
import { type Changes, type SchemaEditor, schemaEditor } from "./schema-editor.ts";
import { getModel, type ProjectState, type Step } from "./state.ts";

export type Direction = "forward" | "backward";

interface Sides {
  readonly editor: SchemaEditor;
  readonly dialect: Dialect;
  /** Always of the forward direction. */
  readonly before: ProjectState;
  readonly after: ProjectState;
}

type Read<K extends OperationKind> = (operation: Operation<K>, sides: Sides) => Changes;

type Readers = { readonly [K in OperationKind]: Readonly<Record<Direction, Read<K>>> };

const isMany = (state: ProjectState, model: string, name: string): boolean =>
  getModel(state, model).fields[name]?.kind === "manyToMany";

const isKey = (state: ProjectState, model: string, name: string): boolean => getModel(state, model).primaryKey === name;

const constraintOf = (of: Model, name: string): Constraint => {
  const found = of.constraints.find((each) => each.name === name);
  if (!found) throw new TypeError(`"${name}" is not a constraint of ${of.name}`);
  return found;
};

const readers: Readers = {
  createModel: {
    forward: ({ declaration }, { editor }) => (declaration.managed ? editor.createTable(declaration) : []),
    backward: ({ declaration }, { editor }) => (declaration.managed ? editor.dropTable(declaration) : []),
  },
  releaseModel: { forward: () => [], backward: () => [] },
  deleteModel: {
    forward: ({ model }, { editor, before }) => editor.dropTable(getModel(before, model)),
    backward: ({ model }, { editor, before }) => editor.createTable(getModel(before, model)),
  },
  renameModel: {
    forward: ({ model, to }, { dialect, before, after }) =>
      renameTables(dialect, before, after, (name) => (name === model ? to : name)),
    backward: ({ model, to }, { dialect, before, after }) =>
      renameTables(dialect, after, before, (name) => (name === to ? model : name)),
  },
  alterTable: {
    forward: (_, { dialect, before, after }) => renameTables(dialect, before, after),
    backward: (_, { dialect, before, after }) => renameTables(dialect, after, before),
  },
  addField: {
    forward: ({ model, name }, { editor, before, after }) =>
      editor.addColumn(getModel(before, model), getModel(after, model), name),
    backward: ({ model, name }, { editor, before, after }) =>
      editor.dropColumn(getModel(after, model), getModel(before, model), name),
  },
  alterField: {
    forward: ({ model, name }, { editor, dialect, before, after }) =>
      isMany(before, model, name)
        ? renameTables(dialect, before, after)
        : isKey(before, model, name)
          ? alterKey(dialect, before, after, model)
          : editor.alterColumn(getModel(before, model), getModel(after, model), name),
    backward: ({ model, name }, { editor, dialect, before, after }) =>
      isMany(before, model, name)
        ? renameTables(dialect, after, before)
        : isKey(before, model, name)
          ? alterKey(dialect, after, before, model)
          : editor.alterColumn(getModel(after, model), getModel(before, model), name),
  },
  removeField: {
    forward: ({ model, name }, { editor, before, after }) =>
      editor.dropColumn(getModel(before, model), getModel(after, model), name),
    backward: ({ model, name }, { editor, before, after }) =>
      editor.addColumn(getModel(after, model), getModel(before, model), name),
  },
  renameField: {
    forward: ({ model, from, to }, { editor, dialect, before, after }) =>
      isMany(before, model, from)
        ? renameTables(dialect, before, after)
        : editor.renameColumn(getModel(before, model), getModel(after, model), from, to),
    backward: ({ model, from, to }, { editor, dialect, before, after }) =>
      isMany(before, model, from)
        ? renameTables(dialect, after, before)
        : editor.renameColumn(getModel(after, model), getModel(before, model), to, from),
  },
  addUnique: {
    forward: ({ model, fields, concurrently }, { editor, after }) =>
      editor.addUnique(getModel(after, model), fields, concurrently),
    backward: ({ model, fields }, { editor, after }) => editor.dropUnique(getModel(after, model), fields),
  },
  removeUnique: {
    forward: ({ model, fields }, { editor, before }) => editor.dropUnique(getModel(before, model), fields),
    backward: ({ model, fields }, { editor, before }) => editor.addUnique(getModel(before, model), fields),
  },
  addIndex: {
    forward: ({ model, index, concurrently }, { editor, after }) =>
      editor.addIndex(getModel(after, model), index, concurrently),
    backward: ({ model, index, concurrently }, { editor, after }) =>
      editor.dropIndex(getModel(after, model), index, concurrently),
  },
  removeIndex: {
    forward: ({ model, index, concurrently }, { editor, before }) =>
      editor.dropIndex(getModel(before, model), index, concurrently),
    backward: ({ model, index, concurrently }, { editor, before }) =>
      editor.addIndex(getModel(before, model), index, concurrently),
  },
  addConstraint: {
    forward: ({ model, constraint, concurrently }, { editor, before, after }) =>
      editor.addConstraint(getModel(before, model), getModel(after, model), constraint, concurrently),
    backward: ({ model, constraint }, { editor, before, after }) =>
      editor.dropConstraint(getModel(after, model), getModel(before, model), constraint),
  },
  removeConstraint: {
    forward: ({ model, name }, { editor, before, after }) => {
      const old = getModel(before, model);
      return editor.dropConstraint(old, getModel(after, model), constraintOf(old, name));
    },
    backward: ({ model, name }, { editor, before, after }) => {
      const old = getModel(before, model);
      return editor.addConstraint(getModel(after, model), old, constraintOf(old, name));
    },
  },
  runSql: {
    forward: (texts, { dialect }) => listOf(texts[dialect]),
    backward: (texts, { dialect }) => listOf(reverseOf(texts, dialect)),
  },
  runCode: { forward: () => [], backward: () => [] },
};

const listOf = (text: string | readonly string[] | undefined): Sql =>
  text === undefined ? [] : typeof text === "string" ? [text] : text;

function reverseOf(texts: SqlTexts, dialect: Dialect): string | readonly string[] | undefined {
  const { reverse } = texts;
  // Nothing was done here, so nothing is to be undone.
  if (texts[dialect] === undefined) return undefined;
  if (reverse === undefined) throw new ConfigurationError("run SQL", "cannot be undone: it has no reverse");
  return typeof reverse === "string" || isList(reverse) ? reverse : reverse[dialect];
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

function read<K extends OperationKind>(
  operation: Operation<K>,
  { before, after }: Step,
  direction: Direction,
  dialect: Dialect,
): Changes {
  // A model that the operation takes away is still needed to find the keys that its table refers to.
  const models = new Map([...before, ...after]);
  const editor = schemaEditor(dialect, (target) => getModel(models, target));
  return readers[operation.kind][direction](operation, { editor, dialect, before, after });
}

/** What one step does to the tables: statements, and tables of SQLite that are made again. */
export const changesOf = (step: Step, direction: Direction, dialect: Dialect): Changes =>
  read(step.operation, step, direction, dialect);

/** The SQL statements of one step, of tables that hold nothing but what was declared. */
export const sqlOf = (step: Step, direction: Direction, dialect: Dialect): Sql =>
  changesOf(step, direction, dialect).flatMap((change) =>
    typeof change === "string" ? [change] : "count" in change ? [] : change.sql(),
  );

/** The code of one step; undefined where it has none. @throws ConfigurationError  it cannot be undone */
export function codeOf({ operation }: Step, direction: Direction): RunCode | undefined {
  if (operation.kind !== "runCode") return undefined;
  if (direction === "backward" && !operation.backward)
    throw new ConfigurationError("run code", "cannot be undone: it has no backward");
  return operation[direction];
}
