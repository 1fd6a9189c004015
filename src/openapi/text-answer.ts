/** An answer that is a text which stands ready: sent with its ETag, and not again to whoever has it. */
import { type Context, etagKnownBy, matchesWeakly, type Renderer, type Result, toJson } from "../resource/index.ts";

export interface ReadyText {
  readonly text: string;
  readonly etag: string;
}

/** The result of an action whose answer it is. */
export function textResult({ text, etag }: ReadyText, { ifNoneMatch }: Context): Result {
  const headers = { etag, "cache-control": "no-cache" };
  if (ifNoneMatch === undefined || !matchesWeakly(ifNoneMatch, etag)) return { status: 200, data: text, headers };
  return { status: 304, headers: { ...headers, etag: etagKnownBy(ifNoneMatch, etag) } };
}

/** Sends a text as it is; what is refused, as JSON, which is YAML as well. */
export const textRenderer = (format: string, mediaType: string, contentType = mediaType): Renderer => ({
  ...{ format, mediaType, contentType },
  render: ({ data }) => (typeof data === "string" ? data : toJson(data)),
});
