/**
 * Lines to a stream, gathered so that many lines of one turn of the event loop are one write.
 *
 * A reader that went away (a closed pipe) does not come back: lines are lost from then on, and the service goes on. What is a file
 * goes through `log-file.ts`, since a disk that was full has room again.
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
