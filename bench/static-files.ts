/**
 * The static files that are measured: a stylesheet of four kilobytes and a film of 20 MB, collected as `collectstatic` does it.
 *
 * Made once a run by `contest.ts`; all servers answer from the one folder. They are the same bytes each time.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collect, createCatalogue, urlOf } from "../src/static/index.ts";
import type { Row } from "./rows.ts";

export interface StaticFiles {
  readonly sources: string;
  /** What they are collected into, by names and by hashed names, with variants. */
  readonly root: string;
  /** The row with the URL of its file: `{css/site.css}` in its path stands for `/static/css/site.0123456789ab.css`. */
  locate(row: Row): Row;
}

export async function makeStaticFiles(folder: string): Promise<StaticFiles> {
  const [sources, root] = [join(folder, "static-sources"), join(folder, "static")];
  mkdirSync(join(sources, "css"), { recursive: true });
  writeFileSync(join(sources, "css", "site.css"), stylesheet());
  // Its name says that it is compressed already.
  writeFileSync(join(sources, "film.webm"), noise(20 * 1024 * 1024));
  await collect({ sources: [{ directory: sources }], target: root, now: Date.now });
  const catalogue = createCatalogue({ directories: [{ directory: root }] });
  return {
    sources,
    root,
    locate: (row) => ({ ...row, path: row.path.replace(/^\{([^{}]+\.\w+)\}/, (_, name) => urlOf(catalogue, name)) }),
  };
}

function stylesheet(): string {
  const rule = (i: number) =>
    `.part-${(i * 7919) % 1009} > a:hover { color: #${((i * 99_991) % 0xff_ff_ff).toString(16).padStart(6, "0")}; margin: ${i}px }\n`;
  return Array.from({ length: 64 }, (_, i) => rule(i)).join("");
}

/** Bytes without a pattern, by a linear congruential generator. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let i = 0; i < size; i += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, i);
  }
  return bytes;
}
