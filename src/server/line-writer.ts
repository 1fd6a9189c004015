/**
 * Lines to a stream, gathered so that many lines of one turn of the event loop are one write.
 *
 * A reader that went away (a closed pipe) loses lines; it does not end the service.
 */

/** Where lines go: a stream, or a file (`log-file.ts`). */
export interface LineTarget {
  write(text: string): unknown;
  /** Tells of a reader that went away. */
  on?(event: "error", listener: () => void): unknown;
}

export interface LineWriter {
  /** Adds a line; the line break is added here. */
  write(line: string): void;
  /** Writes at once what was gathered; for the end of a process. */
  flush(): void;
}

/** Makes a writer of lines. */
export function createLineWriter(stream: LineTarget): LineWriter {
  let gathered = "";
  let isBroken = false;
  stream.on?.("error", () => {
    isBroken = true;
  });
  const flush = (): void => {
    const lines = gathered;
    gathered = "";
    if (lines !== "" && !isBroken) stream.write(lines);
  };
  return {
    write(line) {
      if (gathered === "") setImmediate(flush);
      gathered += `${line}\n`;
    },
    flush,
  };
}
