/**
 * The objects of a fixture, one after the other, however large the file is.
 *
 * A fixture is a JSON array of objects, or a line for each object (JSON Lines). Bytes are looked at only to find where an object
 * ends; nothing is kept but the object that is not complete yet.
 * Reference: django.core.serializers.json and .jsonl. Differs: Django reads an array as a whole.
 */
import { DrfAuthError } from "../errors.ts";

/** The file is no fixture: it is cut off, or something stands where an object should. */
export class FixtureMalformed extends DrfAuthError {
  readonly code = "fixture_malformed";
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, LIST, END, COMMA] = Buffer.from('"\\{}[],');
const MARK = [0xef, 0xbb, 0xbf];

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** What stands between objects, and what may come next there. */
type Between = "start" | "first" | "next" | "object" | "line" | "end";

/**
 * Takes objects out of bytes: those that each piece completes, as text.
 * @throws FixtureMalformed  says at which byte
 */
export async function* objectsIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let state: Between = "start";
  let depth = 0;
  let inText = false;
  let isEscaped = false;
  let begun: Buffer[] = [];
  let passed = 0;
  const refuse = (at: number, expected: string): never => {
    throw new FixtureMalformed(`byte ${passed + at + 1}: expected ${expected}`);
  };

  for await (const bytes of pieces) {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found: string[] = [];
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? 0;
      if (inText) {
        // What a backslash stands before may be in the next piece.
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inText = false;
        continue;
      }
      if (depth === 0) {
        if (isBlank(byte) || (passed + at < MARK.length && byte === MARK[passed + at])) continue;
        if (byte === LIST && state === "start") state = "first";
        else if (byte === END && (state === "first" || state === "next")) state = "end";
        else if (byte === COMMA && state === "next") state = "object";
        else if (byte === OPEN && (state === "start" || state === "line" || state === "first" || state === "object")) {
          state = state === "start" || state === "line" ? "line" : "next";
          depth = 1;
          from = at;
        } else refuse(at, expectedIn[state]);
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN || byte === LIST) depth++;
      else if ((byte === CLOSE || byte === END) && --depth === 0) {
        begun.push(piece.subarray(from, at + 1));
        found.push(textOf(begun));
        begun = [];
      }
    }
    if (depth > 0) begun.push(Buffer.from(piece.subarray(from)));
    passed += piece.length;
    yield found;
  }
  if (depth > 0 || !(state === "end" || state === "line"))
    refuse(0, "the fixture to go on; it is cut off here, or empty");
}

const expectedIn: Readonly<Record<Between, string>> = {
  start: 'a fixture: "[" or an object',
  first: "an object",
  next: '"," or "]"',
  object: "an object",
  line: "an object on a line of its own",
  end: "nothing behind the closing bracket",
};

const textOf = (parts: readonly Buffer[]): string =>
  (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)).toString("utf8");
