/** An app started for what its declaration says, on an empty database in memory: its own database and secret key are not touched. */
import { type RunningApp, startApp } from "../app/index.ts";
import { connect } from "../db/index.ts";
import type { Project } from "../project/index.ts";

/** Starts a project's app, does work with it, and closes it. */
export async function withDeclared<T>(
  { app, settings }: Project,
  work: (running: RunningApp) => Promise<T>,
): Promise<T> {
  const database = await connect("sqlite://:memory:");
  const secretKey = "stands for the real one: it signs nothing";
  const running = await startApp(app, { settings: { ...settings, secretKey }, database });
  try {
    return await work(running);
  } finally {
    await running.close();
  }
}
