/** A bounded cache of things that are made once per shape, such as compiled statements. */
const KEPT = 500;

/** The value at a key, made and kept if it is not there; the oldest goes when there are too many. */
export function keep<V>(cache: Map<string, V>, key: string, make: () => V, most = KEPT): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (cache.size >= most) cache.delete(cache.keys().next().value ?? "");
  cache.set(key, made);
  return made;
}
