/**
 * The app: the one place where the systems meet.
 *
 * `defineApp` takes the declarations and returns frozen data; `startApp` opens the database, compiles every endpoint once, and
 * gives the listener that a server (`server/`, `cli/`) puts behind its socket.
 */
export { type RunningApp, type StartOptions, startApp } from "./assembly.ts";
export { type App, defineApp, keepsFiles } from "./declaration.ts";
export type { AppOptions } from "./options.ts";
export { type AppSettings, appSettings, staticSourcesOf } from "./settings.ts";
