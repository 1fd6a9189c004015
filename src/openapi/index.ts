/** The contract for machines: the OpenAPI document of an app, and the page that shows it. */
export type { Api } from "./build.ts";
export { docsEndpoint } from "./docs-endpoint.ts";
export { docsFiles, hasViewer } from "./docs-files.ts";
export type { Document } from "./document.ts";
export { readersOf, schemaEndpoint } from "./endpoint.ts";
export { type Form, type ServedDocument, servedDocument, written } from "./served.ts";
export { type SchemaSettings, schemaSettings } from "./settings.ts";
