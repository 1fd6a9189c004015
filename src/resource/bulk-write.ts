/**
 * How the items of a bulk request are written, in one transaction: all or nothing, or each on its own.
 *
 * Strict, every finding of every item is told by its index and nothing is kept. With `Prefer: handling=lenient` (RFC 7240 section
 * 4.4) an item that is refused is undone alone, by its savepoint, and the answer is 207 (RFC 4918 section 13) with a status for each.
 */
import type { Executor } from "../db/index.ts";
import { ApiError, IssuesByIndex, NotFound, ValidationError } from "../errors.ts";
import type { Parts } from "./actions.ts";
import type { Context } from "./context.ts";
import type { Result } from "./endpoint.ts";
import type { Attempt } from "./idempotency.ts";
import type { AnyRow } from "./permissions.ts";
import { refusalOfWrite } from "./refusal.ts";
import { issue } from "./serializer/parser.ts";
import type { Written } from "./writes.ts";

/** What is done with the items of a request. */
export interface Operation<T> {
  /** Of an item that succeeded, and of all of them together; a 204 shows nothing. */
  readonly status: 200 | 201 | 204;
  /**
   * What each item asks for, or what it is refused for. Writes nothing.
   * @param leavesUnique  unique values may be left to their index (`Reading`)
   */
  read(context: Context, inputs: readonly unknown[], leavesUnique?: boolean): Promise<readonly (T | ApiError)[]>;
  /** The row that an item changes; absent where it makes one. */
  readonly rowOf?: (item: T) => AnyRow;
  /** The item with that row as it is now. */
  readonly withRow?: (item: T, row: AnyRow) => T;
  write(context: Context, transaction: Executor, item: T): Promise<Written>;
  /** The same for all items in a few statements; absent where they are written one by one. */
  readonly writeAll?: (context: Context, transaction: Executor, items: readonly T[]) => Promise<Written[]>;
}

/** Compiles the two ways of answering a bulk request. */
export function compileBulkWrite({ resource, rows, services, transact, writes }: Parts) {
  const { model } = resource;
  const store = services.store(model);
  const meaning = (error: unknown): unknown => refusalOfWrite(error, model);

  /** What a client sees of what was written. */
  const show = async (context: Context, transaction: Executor, status: number, written: readonly Written[]) =>
    status === 204 ? undefined : rows.showAllWritten(context, transaction, written);

  const gone = ({ [model.primaryKey]: key }: AnyRow): ValidationError =>
    new ValidationError({ [model.primaryKey]: [issue("does_not_exist", { input: String(key) })] });
  /**
   * Locks what will be changed before the first change, so that two requests with other orders do not wait for each other; then asks
   * of each row what is asked of one that is locked.
   */
  const hold = async <T>(
    { rowOf, withRow }: Operation<T>,
    context: Context,
    transaction: Executor,
    items: readonly (T | ApiError)[],
  ): Promise<readonly (T | ApiError)[]> => {
    if (!rowOf || !withRow) return items;
    const keys = items.flatMap((item) => (item instanceof ApiError ? [] : [rowOf(item)[model.primaryKey]]));
    await store.lock(transaction, keys);
    if (!rows.asksWhenLocked) return items;
    const again = async (item: T): Promise<T> => withRow(item, await rows.lock(context, transaction, rowOf(item)));
    const held: (T | ApiError)[] = [];
    for (const item of items) {
      const now = item instanceof ApiError ? item : await tried(() => again(item));
      held.push(now instanceof NotFound && !(item instanceof ApiError) ? gone(rowOf(item)) : now);
    }
    return held;
  };

  const writeAll = async <T>(
    operation: Operation<T>,
    context: Context,
    transaction: Executor,
    items: readonly T[],
  ): Promise<readonly Written[]> => {
    const together = operation.writeAll;
    if (together) {
      const all = await tried(() => transaction.transaction((inner) => together(context, inner, items)), meaning);
      if (!(all instanceof ApiError)) return all;
      // Which of them was refused is found out one by one.
    }
    const written: Written[] = [];
    for (const [i, item] of items.entries()) {
      const one = await tried(() => operation.write(context, transaction, item), meaning);
      if (one instanceof ApiError) throw one instanceof ValidationError ? byIndex(items.length, [[i, one]]) : one;
      written.push(one);
    }
    return written;
  };

  return {
    async strictly<T>(
      operation: Operation<T>,
      context: Context,
      inputs: readonly unknown[],
      attempt?: Attempt,
    ): Promise<Result> {
      const read = allOf(await operation.read(context, inputs, writes.leavesUnique));
      const { status } = operation;
      const writeItems = async (transaction: Executor) => {
        await attempt?.claim(transaction);
        const items = allOf(await hold(operation, context, transaction, read));
        const written = await writeAll(operation, context, transaction, items);
        const result: Result = { status, data: await show(context, transaction, status, written) };
        await attempt?.keep(transaction, result);
        return { written, result };
      };
      const { written, result } = await transact(writeItems).catch(async (error) => {
        // What the index refused is told with everything else that is taken.
        if (error instanceof ValidationError) allOf(await operation.read(context, inputs));
        throw error;
      });
      for (const one of written) {
        const done = writes.committed(context, one);
        if (done) await done;
      }
      return result;
    },

    async leniently<T>(
      operation: Operation<T>,
      context: Context,
      inputs: readonly unknown[],
      attempt?: Attempt,
    ): Promise<Result> {
      const read = await operation.read(context, inputs);
      const { status } = operation;
      const writeOne = (transaction: Executor, item: T) =>
        transaction.transaction(async (savepoint) => {
          const written = await operation.write(context, savepoint, item);
          return { written, shown: await show(context, savepoint, status, [written]) };
        });
      const { answers, data } = await transact(async (transaction) => {
        await attempt?.claim(transaction);
        const items = await hold(operation, context, transaction, read);
        const answers = [];
        for (const item of items)
          answers.push(item instanceof ApiError ? item : await tried(() => writeOne(transaction, item), meaning));
        const data = answers.map((answer) =>
          answer instanceof ApiError
            ? { status: answer.status, errors: answer.body() }
            : { status, ...(answer.shown && { data: answer.shown[0] }) },
        );
        const isDone = answers.some((answer) => !(answer instanceof ApiError));
        await (isDone ? attempt?.keep(transaction, { status: 207, data }) : attempt?.release(transaction));
        return { answers, data };
      });
      for (const answer of answers) if (!(answer instanceof ApiError)) await writes.committed(context, answer.written);
      return { status: 207, data, headers: { "preference-applied": "handling=lenient" } };
    },
  };
}

/**
 * What an attempt gives, or what the client is refused with.
 * @param meaning  the error that another one means
 * @throws unknown  what is nobody's fault but ours
 */
export async function tried<T>(
  work: () => Promise<T>,
  meaning: (error: unknown) => unknown = (error) => error,
): Promise<T | ApiError> {
  try {
    return await work();
  } catch (error) {
    const refusal = meaning(error);
    if (refusal instanceof ApiError && refusal.status < 500) return refusal;
    throw error;
  }
}

/** @throws ApiError  one of them was refused: with the findings of all, or for what is no finding */
function allOf<T>(items: readonly (T | ApiError)[]): readonly T[] {
  const findings: [number, ValidationError][] = [];
  const right: T[] = [];
  for (const [i, item] of items.entries()) {
    if (item instanceof ValidationError) findings.push([i, item]);
    else if (item instanceof ApiError) throw item;
    else right.push(item);
  }
  if (findings.length > 0) throw byIndex(items.length, findings);
  return right;
}

/** Findings of a list, by index. */
function byIndex(length: number, findings: readonly (readonly [number, ValidationError])[]): ValidationError {
  const found = new Map(findings);
  return new ValidationError(new IssuesByIndex(Array.from({ length }, (_, i) => found.get(i)?.issues ?? {})));
}
