// Before the start

export type { Catalogue, CatalogueOptions } from "./catalogue.ts";
// At start, and for links in pages
export { createCatalogue, pathOf, urlOf } from "./catalogue.ts";
export type { CollectOptions, CollectResult } from "./collect.ts";
export { collect } from "./collect.ts";
// What goes wrong
export {
  ChangedMeanwhile,
  CircularReference,
  MissingReference,
  NotText,
  StaticError,
  UnknownStaticFile,
} from "./errors.ts";
export type { HeldFile, ServeOptions, StaticHandler } from "./serve.ts";
// For each request
export { findHeldAnswer, serveStatic } from "./serve.ts";
export { type MediaServer, sendPrivately, serveMedia } from "./serve-media.ts";
export { type StaticSettings, staticSettings } from "./settings.ts";
export { serveSite } from "./site.ts";
export type { Source } from "./sources.ts";
export { upload } from "./upload.ts";
