/**
 * The application's log: one line a message, for people (`readable`) or for machines (`json`).
 *
 * Made once a process and passed around as `Logger`. Lines are written at once: a message may be the last thing a process says.
 * Reference: gunicorn.glogging; differs: the form is chosen by one setting, not by a logging configuration.
 */
import {
  escapeControls,
  type LogFields,
  type Logger,
  type LogLevel,
  type LogValue,
  logLevels,
  toJsonString,
} from "../config/index.ts";
import { isSecretName, redact, redacted } from "./redact.ts";

export interface LogOptions {
  readonly format: "json" | "readable";
  /** Messages below it are left out. */
  readonly level: LogLevel;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes one line without its line break. */
  readonly write: (line: string) => void;
  /** On every line, e.g. `{ pid: process.pid }`. */
  readonly fields?: LogFields;
}

/**
 * Makes a logger.
 *
 * @example
 * createLogger({ format: "json", level: "info", now: Date.now, write: (line) => process.stderr.write(`${line}\n`) });
 */
export function createLogger({ format, level, now, write, fields: common = {} }: LogOptions): Logger {
  const toLine = format === "json" ? toJson : toReadable;
  const at = (own: LogLevel) => {
    if (logLevels.indexOf(own) < logLevels.indexOf(level)) return () => {};
    return (message: string, fields?: LogFields) =>
      write(toLine(new Date(now()).toISOString(), own, redact(message), withoutSecrets({ ...common, ...fields })));
  };
  return Object.freeze({ debug: at("debug"), info: at("info"), warning: at("warning"), error: at("error") });
}

/** Fields without secrets; errors are shown as text, and are cleaned there. */
function withoutSecrets(fields: LogFields): LogFields {
  const clean: Record<string, LogValue> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string") clean[name] = isSecretName(name) ? redacted : redact(value);
    else clean[name] = value;
  }
  return clean;
}

function toJson(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const shown = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const plain = value instanceof Error ? describeError(value) : value;
    return `,${toJsonString(name)}:${typeof plain === "string" ? toJsonString(plain) : JSON.stringify(plain)}`;
  });
  return `{"time":"${time}","level":"${level}","message":${toJsonString(message)}${shown.join("")}}`;
}

function toReadable(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : ` ${name}=${toWord(value)}`,
  );
  const error = Object.values(fields).find((value) => value instanceof Error);
  // A stack is for people to read: its lines stay lines.
  const stack =
    error === undefined
      ? ""
      : describeError(error)
          .split("\n")
          .map((line) => `\n    ${escapeControls(line)}`)
          .join("");
  return `${time} ${level.padEnd(7)} ${escapeControls(message)}${shown.join("")}${stack}`;
}

function toWord(value: LogValue): string {
  const text = value instanceof Error ? redact(value.message) : String(value);
  return /^[^\s"]+$/.test(text) ? escapeControls(text) : toJsonString(text);
}

/** The stack and those of its causes; no other property, since drivers keep SQL values in them. */
function describeError(error: Error): string {
  const stack = redact(error.stack ?? `${error.name}: ${error.message}`);
  return error.cause instanceof Error ? `${stack}\ncaused by ${describeError(error.cause)}` : stack;
}
