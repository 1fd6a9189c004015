/**
 * A process that is started again whenever a file that it loaded changes: the parent's half of `drf-auth dev`.
 *
 * The child tells which files it loads (`loaded-files.ts`). What is watched are their directories: an editor that saves by putting
 * a new file in the place of the old one is noticed as well, which `node --watch` fails to do on Linux after the first time.
 */
import { type ChildProcess, fork } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { isLoadedMessage, isServingMessage, type LoadedMessage, modifiedMsOf } from "./loaded-files.ts";

export interface RestarterOptions {
  /** The script that the child runs. */
  readonly script: string;
  readonly words: readonly string[];
  /** Folder of compiled code, which makes the next start faster; none where it is not there yet and cannot be made. */
  readonly compileCache?: string;
  /** Told of the file whose change starts it again. */
  readonly onChange: (file: string) => void;
  /** Told that it serves again, and how long after the change, milliseconds. */
  readonly onServing?: (milliseconds: number) => void;
  /** Told that it failed, so that nothing runs before the next change. */
  readonly onWaiting?: () => void;
}

export interface Restarter {
  /** Resolves when it was stopped and the child is gone. */
  readonly finished: Promise<void>;
  stop(): void;
}

/** Changes within it, milliseconds, are one: a save is several events, a checkout many. */
const settleTime = 100;
/** What a child has to end, milliseconds, before it is killed. */
const endTime = 5_000;
/** After a failure the file that is missing may be a new one, so that any source counts. */
const sources = new Set([".ts", ".mts", ".js", ".mjs", ".json"]);

/** Starts the child, and starts it again until it is stopped. A child that ended by itself waits for the next change. */
export function startRestarter({
  script,
  words,
  compileCache,
  onChange,
  onServing,
  onWaiting,
}: RestarterOptions): Restarter {
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const loaded = new Set<string>();
  const watchers = new Map<string, FSWatcher>();
  let child: ChildProcess | undefined;
  let isRestarting = false;
  let isStopping = false;
  let settled: NodeJS.Timeout | undefined;
  /** When the first change came that it has not been started again for. */
  let changedAt: number | undefined;
  let killer: NodeJS.Timeout | undefined;

  const start = (): void => {
    isRestarting = false;
    loaded.clear();
    clearTimeout(settled); // it reads what is there now
    const since = changedAt;
    changedAt = undefined;
    child = fork(script, words, { env: { NODE_COMPILE_CACHE: compileCache, ...process.env } });
    child.on("message", (message) => {
      if (isLoadedMessage(message)) follow(message);
      if (isServingMessage(message) && since !== undefined) onServing?.(performance.now() - since);
    });
    child.once("exit", () => {
      clearTimeout(killer);
      child = undefined;
      if (isStopping) finish();
      else if (isRestarting) start();
      else onWaiting?.();
    });
  };
  const endChild = (): void => {
    child?.kill("SIGTERM");
    killer = setTimeout(() => child?.kill("SIGKILL"), endTime);
  };
  const follow = ({ loaded: file, modifiedMs }: LoadedMessage): void => {
    loaded.add(file);
    watchFolder(dirname(file));
    // What was changed before it was watched is noticed now.
    if (modifiedMsOf(file) !== modifiedMs) notice(file);
  };
  const watchFolder = (directory: string): void => {
    if (watchers.has(directory)) return;
    const watcher = watch(directory, (_event, name) => {
      if (name !== null) notice(join(directory, name));
    });
    watcher.on("error", () => watchers.delete(directory));
    watchers.set(directory, watcher);
  };
  const notice = (file: string): void => {
    if (isStopping || !(loaded.has(file) || (child === undefined && sources.has(extname(file))))) return;
    changedAt ??= performance.now();
    clearTimeout(settled);
    settled = setTimeout(() => restart(file), settleTime);
  };
  const restart = (file: string): void => {
    // While the old child ends nothing is to be done: the new one will read what is there then.
    if (isStopping || isRestarting) return;
    onChange(basename(file));
    isRestarting = true;
    if (child === undefined) start();
    else endChild();
  };
  const finish = (): void => {
    clearTimeout(settled);
    for (const watcher of watchers.values()) watcher.close();
    resolve();
  };
  start();
  return {
    finished,
    stop() {
      if (isStopping) return;
      isStopping = true;
      if (child === undefined) finish();
      else endChild();
    },
  };
}
