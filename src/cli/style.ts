/**
 * Colours and columns of what commands print.
 *
 * Colours only in a terminal and without NO_COLOR (https://no-color.org); `TERM=dumb` counts as no terminal.
 */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const paint = (on: number, off: number, hasColours: boolean) => (text: string) =>
  hasColours ? `\u001b[${on}m${text}\u001b[${off}m` : text;

/** Makes the style of a stream. */
export function createStyle(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Style {
  const hasColours = isTerminal && !environment.NO_COLOR && environment.TERM !== "dumb";
  return {
    bold: paint(1, 22, hasColours),
    dim: paint(2, 22, hasColours),
    red: paint(31, 39, hasColours),
    green: paint(32, 39, hasColours),
    yellow: paint(33, 39, hasColours),
  };
}

/** Rows as lines with aligned columns; the last column takes the room it needs. */
export function toColumns(rows: readonly (readonly string[])[], indent = "  "): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) => (indent + row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")).trimEnd());
}
