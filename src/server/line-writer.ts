/**
 * Lines to a stream, gathered so that many lines of one turn of the event loop are one write.
 *
 * A reader that went away (a closed pipe) loses lines; it does not end the service.
 */
import type { Writable } from "node:stream";

export interface LineWriter {
  /** Adds a line; the line break is added here. */
  write(line: string): void;
  /** Writes at once what was gathered; for the end of a process. */
  flush(): void;
}

/** Makes a writer of lines. */
export function createLineWriter(stream: Writable): LineWriter {
  let gathered = "";
  let isBroken = false;
  stream.on("error", () => {
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
