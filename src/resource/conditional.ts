/**
 * Conditional requests: a client says which state of a resource its request is meant for.
 *
 * The ETag of an answer is made of its JSON text (`lifecycle.ts`), so that nothing has to be stored or counted. What a write asks
 * of its row is compared in the transaction of the write, with the row locked (`actions.ts`): of several writers who saw one
 * state, one gets through.
 * Reference: RFC 9110 sections 8.8.3, 13.1 and 13.2; RFC 6585 section 3.
 * Differs: the reference sends no ETag. Preconditions with dates are ignored, as RFC 9110 wants it where there is no
 * `Last-Modified`.
 */
import { hash } from "node:crypto";
import type { Executor } from "../db/index.ts";
import { PreconditionFailed, PreconditionRequired } from "../errors.ts";
import type { Context } from "./context.ts";
import type { Result } from "./endpoint.ts";
import { jsonRenderer, toJson } from "./renderers.ts";
import type { Resource } from "./resource.ts";
import type { Rows } from "./rows.ts";

/** The entity tag of a text: the same for the same text. A fast hash will do, as it guards nothing against a forger. */
export const etagOf = (text: string): string => `"${hash("sha1", text, "base64url")}"`;

/** Whether an answer has an ETag; pages have none, as each differs, nor have many rows that were created together. */
export const hasEtag = ({ action, renderer }: Context, { status, data }: Result): boolean =>
  action?.hasEtag === true && renderer === jsonRenderer && (status === 200 || (status === 201 && !Array.isArray(data)));

/**
 * The ETag of an answer that has one. That of a write is what a GET of the row is answered with next, whatever the indentation of
 * this text.
 * @param text  the rendered body
 */
export function etagOfAnswer(context: Context, { data, stored }: Result, text: string): string {
  if (stored !== undefined) return etagOf(toJson(stored));
  const isPlain = context.isSafe || context.mediaParameters.indent === undefined;
  return etagOf(isPlain ? text : toJson(data));
}

/** Whether `If-Match` names an ETag, by the strong comparison: a weak tag (`W/"a"`) is never the same. */
export const matches = (header: string, etag: string): boolean =>
  header === etag ||
  header.trim() === "*" ||
  tagsOf(header).some((tag) => tag === etag || withoutEncoding(tag) === etag);

/** Whether `If-None-Match` names an ETag, by the weak comparison: `W/"a"` and `"a"` are the same. */
export const matchesWeakly = (header: string, etag: string): boolean =>
  matches(header, etag) || tagsOf(header).some((tag) => tag === `W/${etag}` || withoutEncoding(tag) === `W/${etag}`);

/** What a 304 names: the state that the client has, encoded as it has it. */
export const etagKnownBy = (header: string, etag: string): string =>
  tagsOf(header).find((tag) => tag !== etag && withoutEncoding(tag) === etag) ?? etag;

/**
 * A compressed answer is other bytes of the same state, so it has a tag of its own: that of the state with the encoding behind it.
 * RFC 9110 section 8.8.3.3.
 */
export const etagEncoded = (etag: string, encoding: string): string => etag.replace(/"$/, `-${encoding}"`);
const withoutEncoding = (tag: string): string => tag.replace(/-(?:zstd|br|gzip)"$/, '"');

/** The entity tags of a list; a comma may stand in one. */
const tagsOf = (header: string): readonly string[] => header.match(/(W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];

/** What the writes of a resource ask before they are done. */
export interface Preconditions {
  /** @throws PreconditionRequired  the resource wants an `If-Match`, and there is none */
  demand(context: Context): void;
  /**
   * Compares what the request asks of a row with the row, and locks it until the transaction ends; nothing where it asks nothing.
   * @throws PreconditionFailed
   */
  hold(context: Context, transaction: Executor, key: unknown): Promise<void> | undefined;
}

/** Compiles the preconditions of a resource's writes. */
export function preconditionsOf({ requireIfMatch }: Resource, rows: Pick<Rows, "current">): Preconditions {
  return {
    demand({ ifMatch }) {
      if (requireIfMatch && ifMatch === undefined) throw new PreconditionRequired();
    },
    hold(context, transaction, key) {
      const { ifMatch, ifNoneMatch } = context;
      if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
      return compare(rows.current(context, transaction, key), ifMatch, ifNoneMatch);
    },
  };
}

async function compare(
  current: ReturnType<Rows["current"]>,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): Promise<void> {
  const row = await current;
  const etag = row && etagOf(toJson(row));
  if (ifMatch !== undefined && !(etag !== undefined && matches(ifMatch, etag))) throw new PreconditionFailed();
  if (ifNoneMatch !== undefined && etag !== undefined && matchesWeakly(ifNoneMatch, etag))
    throw new PreconditionFailed("This is in a state that If-None-Match excludes.");
}

/**
 * What a request may ask before it writes to a list: that the list is there. Nobody locks a list, so no state of it can be promised.
 * @throws PreconditionFailed
 */
export function checkListState({ ifMatch, ifNoneMatch }: Context): void {
  if (ifNoneMatch !== undefined)
    throw new PreconditionFailed("A list is always here; expected no If-None-Match in what writes to it.");
  if (ifMatch !== undefined && ifMatch.trim() !== "*")
    throw new PreconditionFailed("A list is not held in a state; expected no If-Match in what writes to it, or *.");
}
