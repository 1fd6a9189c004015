/**
 * The rows of an app as a fixture, written piece by piece.
 *
 * Reference: `manage.py dumpdata`. Differs: see `natural-keys.ts` and `row-text.ts`.
 */
import { builder, type Executor, type Models, type SqlValue, statement } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import { fixtureName } from "./choice.ts";
import { NaturalKeys } from "./natural-keys.ts";
import { createRowWriter } from "./row-text.ts";

/** `json` is an array, `jsonl` a line for each object. */
export type FixtureFormat = "json" | "jsonl";

export interface DumpOptions {
  readonly format: FixtureFormat;
  /** Takes a piece of the text; what it returns is waited for. */
  write(text: string): unknown;
  /** Called after each piece: rows written, and all that there are to write. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rows by the name of their model. */
export type Counts = Readonly<Record<string, number>>;

const around = {
  json: { start: "[", first: "\n", between: ",\n", end: "\n]\n" },
  jsonl: { start: "", first: "", between: "\n", end: "\n" },
} as const;

/**
 * Writes every row of some models.
 *
 * @param snapshot  in which nothing changes meanwhile (`readConsistently`)
 * @param chosen    in the order in which they are written (`chooseModels`)
 * @throws NotWritable  a number that JSON cannot hold
 */
export async function dump(
  snapshot: Executor,
  models: Models,
  chosen: readonly Model[],
  { format, write, onProgress }: DumpOptions,
): Promise<Counts> {
  const { start, first, between, end } = around[format];
  const keys = await NaturalKeys.of(snapshot);
  const tables = new Set(models.all.map(({ table }) => table));
  const counts: Record<string, number> = {};
  const total = onProgress ? await countOf(snapshot, chosen) : 0;
  let done = 0;
  await write(start);
  for (const model of chosen) {
    const name = fixtureName(model);
    const rows = createRowWriter(models, model, snapshot.dialect, keys, tables);
    counts[name] = 0;
    for (let after: SqlValue | undefined; ; ) {
      const piece = await rows.next(snapshot, after);
      if (!piece) break;
      await write((done === 0 ? first : between) + piece.objects.join(between));
      done += piece.objects.length;
      counts[name] += piece.objects.length;
      after = piece.last;
      onProgress?.(done, total);
    }
  }
  await write(done === 0 && format === "jsonl" ? "" : end);
  return counts;
}

async function countOf(snapshot: Executor, chosen: readonly Model[]): Promise<number> {
  let total = 0;
  for (const { table } of chosen) {
    const count = statement(
      builder(snapshot.dialect)
        .selectFrom(table)
        .select(({ fn }) => fn.countAll().as("count")),
    );
    total += Number((await snapshot.get(count))?.[0]);
  }
  return total;
}
