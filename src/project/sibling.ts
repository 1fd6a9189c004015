/** Scripts beside a module, that other processes and threads run. */
import { fileURLToPath } from "node:url";

/** The path of a script beside a module: TypeScript among the sources, JavaScript where it was compiled. */
export const siblingOf = (moduleUrl: string, name: string): string =>
  fileURLToPath(new URL(`${name}${moduleUrl.endsWith(".ts") ? ".ts" : ".js"}`, moduleUrl));
