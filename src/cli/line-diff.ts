/** How two texts differ, line by line, as `diff` shows it. */

/** Lines that only the first text has begin with `-`, those that only the second has with `+`; others are left out. */
export function lineDiff(before: string, after: string): string[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return different(left, right);
}

/** By the longest common subsequence; what is too long for its table differs as a whole. */
function different(left: readonly string[], right: readonly string[]): string[] {
  const removed = (line: string) => `-${line}`;
  const added = (line: string) => `+${line}`;
  const width = right.length + 1;
  if (left.length * right.length > MAX_CELLS) return [...left.map(removed), ...right.map(added)];
  /** How many lines the two have in common from there on. */
  const common = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i * width + j] =
        left[i] === right[j]
          ? 1 + (common[(i + 1) * width + j + 1] ?? 0)
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const lines: string[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const [old, now] = [left[i], right[j]];
    if (old !== undefined && old === now) {
      i++;
      j++;
    } else if (
      now === undefined ||
      (old !== undefined && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push(removed(old ?? ""));
      i++;
    } else {
      lines.push(added(now));
      j++;
    }
  }
  return lines;
}

const MAX_CELLS = 20_000_000;
