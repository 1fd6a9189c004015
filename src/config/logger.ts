/**
 * What every system is given to say something to the people who run it.
 *
 * Only the contract stands here, where every folder can see it; `server/log.ts` writes the lines. Messages are short facts
 * without values in them; values go into the fields. Never a secret, a token or an SQL value.
 */

export type LogValue = string | number | boolean | null | undefined | Error;
export type LogFields = Readonly<Record<string, LogValue>>;

/** From the least to the most important. */
export const logLevels = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One method a level, e.g. `log.warning("a worker ended", { pid: 71 })`. */
export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/** Says nothing; for tests and for parts that were given no logger. */
export const silentLogger: Logger = Object.freeze({ debug() {}, info() {}, warning() {}, error() {} });

/** The same log with fields on each of its lines; what a line says itself comes before them. */
export function withFields(log: Logger, common: LogFields): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void =>
      log[level](message, { ...fields, ...common });
  return { debug: at("debug"), info: at("info"), warning: at("warning"), error: at("error") };
}
