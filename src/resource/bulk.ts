/**
 * Many rows in one request: POST, PUT, PATCH and DELETE of an array on the list route.
 *
 * What is asked of each item is what the action on one row asks: its permissions, scope, findings, hooks. The database is asked
 * about all of them together. How they are written: `bulk-write.ts`.
 * Reference: rest_framework.serializers.ListSerializer (`many`, `allow_empty`, `max_length`), which leaves updates to own code.
 */
import type { Values } from "../db/index.ts";
import { ApiError, type Issues, ValidationError } from "../errors.ts";
import { defineField, type FieldMap, type Model } from "../model/index.ts";
import type { Parts } from "./actions.ts";
import type { BulkOptions } from "./bulk-options.ts";
import { compileBulkWrite, type Operation, tried } from "./bulk-write.ts";
import { checkListState } from "./conditional.ts";
import type { Context } from "./context.ts";
import type { Action } from "./endpoint.ts";
import { type Attempt, onceFor } from "./idempotency.ts";
import { keyParser } from "./key.ts";
import type { AnyRow } from "./permissions.ts";
import { permitObject } from "./permit.ts";
import type { CrudAction } from "./resource-options.ts";
import { messageOf, typeName } from "./serializer/messages.ts";
import { isObject } from "./serializer/parse/structure.ts";
import { Invalid, issue } from "./serializer/parser.ts";

interface Change {
  readonly before: AnyRow;
  readonly values: Values;
}

/** What the list route does with an array, by the action that does the same with one row. */
export function bulkActions(
  parts: Parts,
  { maxItems }: Required<BulkOptions>,
): Record<Exclude<CrudAction, "list" | "retrieve">, Action> {
  const { resource, rows, serializer, services, writes } = parts;
  const { primaryKey } = resource.model;
  const { strictly, leniently } = compileBulkWrite(parts);
  const parseKey = keyParser(services.models, resource);
  const once = onceFor(resource.idempotencyKey, services.idempotency);

  const aboutKey = (issues: Issues): ValidationError => new ValidationError({ [primaryKey]: issues });
  const readKey = (raw: unknown): unknown => {
    if (raw === undefined || raw === null) return aboutKey([issue("required")]);
    const key = parseKey(raw);
    return key instanceof Invalid ? aboutKey(key.issues) : key;
  };
  /** The row of each key, if this user may do that to it. @param keys  some may be refused already */
  const rowsOf = async (context: Context, keys: readonly unknown[]): Promise<readonly (AnyRow | ApiError)[]> => {
    const found = await rows.findAll(context, [...new Set(keys.filter((key) => !(key instanceof ApiError)))]);
    const seen = new Set<unknown>();
    const answers: (AnyRow | ApiError)[] = [];
    for (const key of keys) {
      const row = found.get(key);
      if (key instanceof ApiError) answers.push(key);
      else if (seen.has(key)) answers.push(aboutKey([issue("repeated")]));
      else if (!row) answers.push(aboutKey([issue("does_not_exist", { input: String(key) })]));
      else answers.push((await tried(async () => permitObject(context, row))) ?? row);
      seen.add(key);
    }
    return answers;
  };

  const create: Operation<Values> = {
    status: 201,
    async read(context, inputs, leavesUnique = false) {
      const items = inputs.map((input) => ({ input }));
      const values = await serializer.readAll(items, { ...writes.reading(context), leavesUnique });
      writes.checkUser(context);
      return values;
    },
    write: writes.create,
    writeAll: writes.createAll,
  };
  const update = (partial: boolean): Operation<Change> => ({
    status: 200,
    async read(context, inputs) {
      const keys = inputs.map((input) => (isObject(input) ? readKey(input[primaryKey]) : notAnObject(input)));
      const befores = await rowsOf(context, keys);
      const items = befores.flatMap((before, i) => (before instanceof ApiError ? [] : [{ input: inputs[i], before }]));
      const read = await serializer.readAll(items, { ...writes.reading(context), partial });
      return befores.map((before) => {
        if (before instanceof ApiError) return before;
        const values = read.shift() ?? {};
        return values instanceof ApiError ? values : { before, values };
      });
    },
    rowOf: ({ before }) => before,
    withRow: ({ values }, before) => ({ before, values }),
    write: (context, transaction, { before, values }) => writes.update(context, transaction, before, values),
  });
  const remove: Operation<AnyRow> = {
    status: 204,
    read: (context, inputs) =>
      rowsOf(
        context,
        inputs.map((input) => readKey(isObject(input) ? input[primaryKey] : input)),
      ),
    rowOf: (row) => row,
    withRow: (_, row) => row,
    write: writes.remove,
    writeAll: writes.removeAll,
  };

  const run =
    <T>(operation: Operation<T>) =>
    async (context: Context, attempt?: Attempt) => {
      checkListState(context);
      const inputs = itemsOf(await context.body(), maxItems);
      return (prefersLenient(context) ? leniently : strictly)(operation, context, inputs, attempt);
    };
  const input = { ...serializer, fields: withKey(resource.model, resource.fields) };
  return {
    create: {
      ...{ name: "create", input: serializer },
      run: (context) => once(context, (attempt) => run(create)(context, attempt)),
    },
    update: { name: "bulkUpdate", input, takesArray: true, run: run(update(false)) },
    partialUpdate: { name: "bulkPartialUpdate", input, takesArray: true, run: run(update(true)) },
    delete: { name: "bulkDelete", takesArray: true, run: run(remove) },
  };
}

/** An action on one that does with an array what another does. */
export const eitherOf = (one: Action, many: Action): Action => ({
  ...one,
  run: async (context) => (Array.isArray(await context.body()) ? many : one).run(context),
});

/** @throws ValidationError  no array, an empty one, or one that is too long; codes and place are those of the reference's lists */
function itemsOf(body: unknown, maxItems: number): readonly unknown[] {
  const refuse = (finding: Issues): never => {
    throw new ValidationError({ non_field_errors: finding });
  };
  if (!Array.isArray(body)) return refuse([issue("not_a_list", { type: typeName(body) })]);
  if (body.length === 0) return refuse([issue("empty")]);
  if (body.length > maxItems)
    return refuse([{ code: "max_length", message: messageOf("max_items", { limit: maxItems }) }]);
  return body;
}

const notAnObject = (input: unknown): ValidationError =>
  new ValidationError({ non_field_errors: [issue("invalid", { expected: `an object, got ${typeName(input)}` })] });

/** `Prefer: handling=lenient`, alone or among others. */
const prefersLenient = ({ request }: Context): boolean =>
  /(^|,)\s*handling\s*=\s*"?lenient"?\s*(;|,|$)/i.test([request.headers.prefer].flat().join());

/** The fields of a change in an array: its key says which row it is. */
function withKey({ primaryKey, fields: { [primaryKey]: key } }: Model, fields: FieldMap): FieldMap {
  if (!key) return fields;
  return { ...fields, [primaryKey]: defineField(key.kind, { ...key.options, readOnly: false, required: true }) };
}
