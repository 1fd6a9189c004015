/**
 * Hashed names of the texts that refer to other files: a text is hashed after rewriting, so what it refers to comes first.
 *
 * Modules may import each other in a circle. None of them can then come first, so all of a circle are hashed together: a change of
 * one renames all.
 * Reference: HashedFilesMixin._post_process, which repeats passes over all files until nothing changes, and gives up on circles.
 */

import { CircularReference } from "./errors.ts";
import { hashedName } from "./hashed-name.ts";
import { type Reference, rewrite, targetOf } from "./references.ts";

/** A text that refers to other files. */
export interface Text {
  readonly text: string;
  readonly references: readonly Reference[];
  /** Whether those that refer to each other in a circle are refused, as stylesheets are: a browser would load nothing of them. */
  readonly mayCircle: boolean;
}

/**
 * The texts with hashed names in them.
 *
 * @param hashed  the hashed name of every other file, the same name for a folder
 * @throws MissingReference | CircularReference
 */
export function rewriteAll(
  texts: ReadonlyMap<string, Text>,
  hashed: (name: string) => string | undefined,
  urlPrefix: string,
): ReadonlyMap<string, { readonly bytes: Buffer; readonly hashedName: string }> {
  const done = new Map<string, { readonly bytes: Buffer; readonly hashedName: string }>();
  const targets = (name: string, { references }: Text): string[] =>
    references
      .flatMap((reference) => targetOf(reference, { name, urlPrefix }) ?? [])
      .filter((target) => texts.has(target));
  for (const circle of circlesOf(texts, targets)) {
    const inside = new Map(circle.map((name) => [name, name]));
    const final = (name: string, text: Text, within: ReadonlyMap<string, string>): Buffer => {
      const find = (other: string) => within.get(other) ?? done.get(other)?.hashedName ?? hashed(other);
      return Buffer.from(rewrite(text.text, text.references, { name, urlPrefix, hashedName: find }));
    };
    const members = circle.flatMap((name) => {
      const text = texts.get(name);
      return text === undefined ? [] : [{ name, text }];
    });
    const isCircle = members.some(({ name, text }) => circle.length > 1 || targets(name, text).includes(name));
    if (isCircle && members.some(({ text }) => !text.mayCircle))
      throw new CircularReference(roundOf(circle, texts, targets));
    if (!isCircle) {
      for (const { name, text } of members) {
        const bytes = final(name, text, new Map());
        done.set(name, { bytes, hashedName: hashedName(name, bytes) });
      }
      continue;
    }
    // With their own names in them the texts say what they are; their hashes are made of all of these.
    const all = Buffer.concat(members.map(({ name, text }) => final(name, text, inside)));
    const names = new Map(circle.map((name) => [name, hashedName(name, all)]));
    for (const { name, text } of members)
      done.set(name, { bytes: final(name, text, names), hashedName: names.get(name) ?? name });
  }
  return done;
}

type Targets = (name: string, text: Text) => readonly string[];

/** Texts that can reach each other, together, each after what it refers to (Tarjan's strongly connected components). */
function circlesOf(texts: ReadonlyMap<string, Text>, targets: Targets): readonly (readonly string[])[] {
  const circles: string[][] = [];
  const found = new Map<string, number>();
  const open: string[] = [];
  const visit = (name: string, text: Text): number => {
    const index = found.size;
    found.set(name, index);
    open.push(name);
    let lowest = index;
    for (const target of targets(name, text)) {
      const next = texts.get(target);
      if (next === undefined) continue;
      if (!found.has(target)) lowest = Math.min(lowest, visit(target, next));
      else if (open.includes(target)) lowest = Math.min(lowest, found.get(target) ?? index);
    }
    if (lowest === index) circles.push(open.splice(open.indexOf(name)).sort());
    return lowest;
  };
  for (const [name, text] of texts) if (!found.has(name)) visit(name, text);
  return circles;
}

/** One way round a circle, for people. */
function roundOf(
  [first = "", ...others]: readonly string[],
  texts: ReadonlyMap<string, Text>,
  targets: Targets,
): string[] {
  const inside = new Set([first, ...others]);
  const ways = [[first]];
  for (const way of ways) {
    const last = way.at(-1) ?? first;
    const text = texts.get(last);
    for (const target of text ? targets(last, text) : []) {
      if (target === first) return [...way, first];
      if (inside.has(target) && !way.includes(target)) ways.push([...way, target]);
    }
  }
  return [first, ...others];
}
