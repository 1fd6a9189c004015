/** What commands that are about a project have in common: the flag that names its app file, and how it is opened. */
import type { RunningApp } from "../app/index.ts";
import { silentLogger } from "../config/index.ts";
import type { PlannedMigration } from "../db/index.ts";
import { createLogs, findAppFile, openProject, type Project } from "../project/index.ts";
import type { Context } from "./command.ts";

/** The flag of every such command. */
export const appFlag = {
  type: "string",
  value: "FILE",
  description: "The file that declares the app (default: app.ts or app.js in the current folder).",
} as const;

type Given = Pick<Context<{ readonly app: typeof appFlag }>, "flags" | "settingFlags" | "environment">;

/** Opens the project that a command line names. @throws ConfigurationError */
export function projectOf({ flags, settingFlags, environment }: Given): Promise<Project> {
  return openProject(findAppFile(flags.app, process.cwd()), { environment, flags: settingFlags });
}

/**
 * Starts the app that a command line names, does something with it, and closes it. Its audit log goes where that of the server goes,
 * but not onto the screen of whoever runs the command.
 * @throws ConfigurationError  also where migrations are not applied
 */
export async function withApp<T>(given: Given, work: (running: RunningApp) => Promise<T>): Promise<T> {
  const project = await projectOf(given);
  await project.checkMigrations();
  const running = await project.start({ log: process.stderr.isTTY ? silentLogger : createLogs(project.settings).log });
  try {
    return await work(running);
  } finally {
    await running.close();
  }
}

/** What the audit log says of an event that a command causes. */
export const byCommand = "by command";

/** A migration in a line: `apply shop.0002_book_subtitle`, and where it goes on if a run before was cut off. */
export const describePlanned = (
  { migration: { label, name, operations }, direction, done }: PlannedMigration,
  [forward, backward] = ["apply", "undo"],
): string =>
  `${direction === "forward" ? forward : backward} ${label}.${name}` +
  (done === undefined ? "" : `, of whose ${operations.length} operations ${done} are done`);
