/** The matrix as text that people read and version control compares: a line for each action, a column for each actor. */
import { actors } from "./actors.ts";
import type { Cell } from "./matrix.ts";

const head = "action";
const nobody = "-";

/** A table; the same cells give the same text. */
export function textOf(cells: readonly Pick<Cell, "action" | "actor" | "verdict">[]): string {
  const byAction = new Map<string, Map<string, string>>();
  for (const { action, actor, verdict } of cells) {
    const verdicts = byAction.get(action) ?? new Map<string, string>();
    byAction.set(action, verdicts.set(actor, verdict));
  }
  const lines = Array.from(byAction, ([action, verdicts]) => [
    action,
    ...actors.map((actor) => verdicts.get(actor) ?? nobody),
  ]);
  const table = [[head, ...actors], ...lines];
  const widths = [head, ...actors].map((_, i) => Math.max(...table.map((line) => line[i]?.length ?? 0)));
  return table
    .map(
      (line) =>
        `${line
          .map((word, i) => word.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** What is different in a table: a line for each cell, such as `notes.delete, other: denied -> allowed`. */
export function differences(before: string, now: string): readonly string[] {
  const [old, fresh] = [wordsOf(before), wordsOf(now)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((cell) => {
    const [was = "not there", is = "not there"] = [old.get(cell), fresh.get(cell)];
    return was === is ? [] : [`${cell}: ${was} -> ${is}`];
  });
}

/** The words of a table by row and column. */
function wordsOf(text: string): ReadonlyMap<string, string> {
  const [columns = [], ...lines] = text
    .split(/\r?\n/)
    .flatMap((line) => (line === "" ? [] : [line.trim().split(/\s+/)]));
  return new Map(
    lines.flatMap(([action = "", ...verdicts]) =>
      verdicts.map((verdict, i) => [`${action}, ${columns[i + 1] ?? i}`, verdict] as const),
    ),
  );
}
