/** The files that a process loads, told to the process that started it: the child's half of `drf-auth dev`. */
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** From the child: it loads a file. */
export interface LoadedMessage {
  /** Absolute path. */
  readonly loaded: string;
}

/** From now on, tells the parent of every module but those of packages. */
export function tellLoadedFiles(): void {
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:") && !url.includes("/node_modules/")) {
        const message: LoadedMessage = { loaded: fileURLToPath(url) };
        process.send?.(message);
      }
      return nextLoad(url, context);
    },
  });
}

export const isLoadedMessage = (message: unknown): message is LoadedMessage =>
  typeof message === "object" && message !== null && "loaded" in message && typeof message.loaded === "string";
