/**
 * How the database gets from one side of an operation to the other: operations in, SQL out, forwards and backwards.
 *
 * Called by the executor for each step, and by `sqlmigrate` to show what would run.
 * Reference: `database_forwards` and `database_backwards` of django.db.migrations.operations.
 */
import type { Dialect } from "../database.ts";
import type { Operation, OperationKind } from "./operations.ts";
import { type SchemaEditor, type Sql, schemaEditor } from "./schema-editor.ts";
import { getModel, type ProjectState, type Step } from "./state.ts";

export type Direction = "forward" | "backward";

type Read<K extends OperationKind> = (
  operation: Operation<K>,
  editor: SchemaEditor,
  before: ProjectState,
  after: ProjectState,
) => Sql;

type Readers = { readonly [K in OperationKind]: Readonly<Record<Direction, Read<K>>> };

/** `before` and `after` are always those of the forward direction. */
const readers: Readers = {
  createModel: {
    forward: ({ declaration }, editor) => editor.createTable(declaration),
    backward: ({ declaration }, editor) => editor.dropTable(declaration),
  },
  deleteModel: {
    forward: ({ model }, editor, before) => editor.dropTable(getModel(before, model)),
    backward: ({ model }, editor, before) => editor.createTable(getModel(before, model)),
  },
  addField: {
    forward: ({ model, name }, editor, before, after) =>
      editor.addColumn(getModel(before, model), getModel(after, model), name),
    backward: ({ model, name }, editor, before, after) =>
      editor.dropColumn(getModel(after, model), getModel(before, model), name),
  },
  removeField: {
    forward: ({ model, name }, editor, before, after) =>
      editor.dropColumn(getModel(before, model), getModel(after, model), name),
    backward: ({ model, name }, editor, before, after) =>
      editor.addColumn(getModel(after, model), getModel(before, model), name),
  },
  renameField: {
    forward: ({ model, from, to }, editor, before, after) =>
      editor.renameColumn(getModel(before, model), getModel(after, model), from, to),
    backward: ({ model, from, to }, editor, before, after) =>
      editor.renameColumn(getModel(after, model), getModel(before, model), to, from),
  },
  addUnique: {
    forward: ({ model, fields }, editor, _, after) => editor.addUnique(getModel(after, model), fields),
    backward: ({ model, fields }, editor, _, after) => editor.dropUnique(getModel(after, model), fields),
  },
  removeUnique: {
    forward: ({ model, fields }, editor, before) => editor.dropUnique(getModel(before, model), fields),
    backward: ({ model, fields }, editor, before) => editor.addUnique(getModel(before, model), fields),
  },
};

function read<K extends OperationKind>(
  operation: Operation<K>,
  step: Step,
  direction: Direction,
  dialect: Dialect,
): Sql {
  const { before, after } = step;
  // A model that the operation takes away is still needed to find the keys that its table refers to.
  const models = new Map([...before, ...after]);
  const editor = schemaEditor(dialect, (target) => getModel(models, target));
  return readers[operation.kind][direction](operation, editor, before, after);
}

/** The SQL statements of one step. */
export const sqlOf = (step: Step, direction: Direction, dialect: Dialect): Sql =>
  read(step.operation, step, direction, dialect);
