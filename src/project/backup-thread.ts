/** The thread of a scheduled backup: reading a whole database through takes seconds, in which a worker must go on answering. */
import { parentPort, workerData } from "node:worker_threads";
import { backUpSqlite } from "../db/index.ts";

const { path, target } = workerData as { readonly path: string; readonly target: string };

await backUpSqlite(path, target, { onProgress: () => parentPort?.postMessage("progress") });
