/** Values of a row beside those that a serializer shows: what a cursor is made of, a key, a name. */
import type { Selection, SqlRow } from "../db/index.ts";

/** Selects the columns at some paths as well, and reads them. */
export function valueReader(selection: Selection, paths: readonly string[]): (row: SqlRow, path: string) => unknown {
  const columns = new Map(paths.map((path) => [path, selection.add(path)]));
  return (row, path) => {
    const column = columns.get(path);
    const raw = column && row[column.index];
    return raw === null || raw === undefined ? null : column?.resolved.format.fromColumn(raw);
  };
}
