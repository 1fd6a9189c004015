/**
 * JSON as it was sent, where JavaScript would change it: whole numbers of any size, and keys in their order.
 *
 * JavaScript puts keys that look like whole numbers first, `{"10": 1, "9": 2}` becomes `{"9": 2, "10": 1}`; clients of the reference
 * get back what they sent. An object with such a key is wrapped in a proxy that lists its keys in their order: whatever asks for
 * them (`Object.entries`, `JSON.stringify`) gets that order. All others stay plain objects.
 * Reference: dict of Python; of a key that comes twice the first place and the last value count.
 */
import type { Json } from "../model/index.ts";

/** A key that JavaScript moves (ECMAScript, array index, and what engines treat alike). */
const wholeNumber = /^(?:0|[1-9]\d{0,15})$/;

/** An object with these entries, in their order. */
export function inOrder<T>(entries: ReadonlyMap<string, T>): Record<string, T> {
  const object = Object.fromEntries(entries);
  const keys = [...entries.keys()];
  if (!keys.some((key) => wholeNumber.test(key))) return object;
  // What is added later comes last, what is taken away is gone.
  const ownKeys = (target: object): (string | symbol)[] => [
    ...keys.filter((key) => Object.hasOwn(target, key)),
    ...Reflect.ownKeys(target).filter((key) => typeof key === "symbol" || !entries.has(key)),
  ];
  return new Proxy<Record<string, T>>(object, { ownKeys });
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\]:,"]+/g;

type Container = { readonly entries: Map<string, unknown>; key?: string } | { readonly items: unknown[] };

/**
 * Reads JSON text exactly; not recursive, so that how deep it is can be asked of the value.
 * @param text  JSON: `JSON.parse` takes it
 */
export const parseExactly = (text: string): Json => build(text, primitive) as Json;

/** Reads JSON text to be written again as it is: numbers keep their spelling, 4.0 stays 4.0. */
export const parseVerbatim = (text: string): unknown =>
  build(text, (part) => (/^[-\d]/.test(part) ? JSON.rawJSON(part) : JSON.parse(part)));

function build(text: string, primitive: (text: string) => unknown): unknown {
  const open: Container[] = [];
  let root: unknown = null;
  const put = (value: unknown): void => {
    const container = open.at(-1);
    if (!container) root = value;
    else if ("items" in container) container.items.push(value);
    else {
      container.entries.set(container.key ?? "", value);
      container.key = undefined;
    }
  };
  for (const [part] of text.matchAll(token)) {
    const container = open.at(-1);
    if (part === "{") open.push({ entries: new Map() });
    else if (part === "[") open.push({ items: [] });
    else if (part === "}" || part === "]") {
      open.pop();
      if (container) put("items" in container ? container.items : inOrder(container.entries));
    } else if (container && "entries" in container && container.key === undefined) container.key = JSON.parse(part);
    else put(primitive(part));
  }
  return root;
}

declare global {
  interface JSON {
    /** Text that JSON.stringify writes as it is (ECMAScript, JSON.parse source text access). */
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

function primitive(text: string): Json {
  const value = JSON.parse(text) as Json;
  const isRounded = typeof value === "number" && Number.isFinite(value) && !Number.isSafeInteger(value);
  return isRounded && /^-?\d+$/.test(text) ? BigInt(text) : value;
}
