// Declaring

// Reading and showing
export { countCores } from "./cores.ts";
export type { SettingDescription } from "./describe.ts";
export { describeSettings, describeValue } from "./describe.ts";
export { escapeControls, toJsonString } from "./escape.ts";
// Shared contracts
export type { LogFields, Logger, LogLevel, LogValue } from "./logger.ts";
export { logLevels, silentLogger, withFields } from "./logger.ts";
export type { Measurement } from "./measurement.ts";
export { checkNames } from "./names.ts";
export { findNearest, suggest } from "./nearest.ts";
export type { Parser, Range } from "./parser.ts";
export { boolean, integer, list, number, oneOf, optional, secondsOrDuration, text, url } from "./parser.ts";
export type { Resolved, Source, Sources } from "./read.ts";
export { readSettings, resolveSettings } from "./read.ts";
export type { Machine, Setting, Settings, ValuesOf } from "./setting.ts";
export { defineSettings } from "./setting.ts";
export { noTracer, type Tracer } from "./tracer.ts";
