/** The files that a process loads, and that it serves, told to the process that started it: the child's half of `drf-auth dev`. */
import { statSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** From the child: it loads a file. */
export interface LoadedMessage {
  /** Absolute path. */
  readonly loaded: string;
  /** When it had been changed last as it was read: a change before somebody watches it would be missed otherwise. */
  readonly modifiedMs: number | undefined;
}

/** From the child: it serves. */
export interface ServingMessage {
  readonly serving: true;
}

/** From now on, tells the parent of every module but those of packages. */
export function tellLoadedFiles(): void {
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:") && !url.includes("/node_modules/")) {
        const loaded = fileURLToPath(url);
        const message: LoadedMessage = { loaded, modifiedMs: modifiedMsOf(loaded) };
        process.send?.(message);
      }
      return nextLoad(url, context);
    },
  });
}

export const modifiedMsOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

export function tellServing(): void {
  const message: ServingMessage = { serving: true };
  process.send?.(message);
}

export const isServingMessage = (message: unknown): message is ServingMessage =>
  typeof message === "object" && message !== null && "serving" in message;

export const isLoadedMessage = (message: unknown): message is LoadedMessage =>
  typeof message === "object" && message !== null && "loaded" in message && typeof message.loaded === "string";
