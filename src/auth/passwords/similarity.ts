/**
 * How much a password has in common with a text about its owner.
 *
 * Reference: UserAttributeSimilarityValidator, difflib.SequenceMatcher.quick_ratio: twice the characters that both have, by the
 * characters of both.
 */

/** From 0, nothing in common, to 1, the same characters. */
export function similarity(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  if (a.length + b.length === 0) return 1;
  const counts = new Map<string, number>();
  for (const character of b) counts.set(character, (counts.get(character) ?? 0) + 1);
  let common = 0;
  for (const character of a) {
    const left = counts.get(character) ?? 0;
    if (left === 0) continue;
    common++;
    counts.set(character, left - 1);
  }
  return (2 * common) / (a.length + b.length);
}

/** Whether a password is about as similar to a text, or to a word of it, as `limit`; case does not matter. */
export function isSimilar(password: string, text: string, limit: number): boolean {
  const given = password.toLowerCase();
  const whole = text.toLowerCase();
  return [...whole.split(/[^\p{L}\p{N}_]+/u), whole].some((part) => part !== "" && similarity(given, part) >= limit);
}
