/** The settings of the document and of the page that shows it. */
import { boolean, defineSettings, oneOf, type ValuesOf } from "../config/index.ts";

export const schemaSettings = defineSettings({
  schema: {
    name: "SCHEMA",
    default: "everyone",
    parse: oneOf("everyone", "authenticated", "staff", "off"),
    description: "Who may read the OpenAPI document at /api/schema/ and its page at /api/docs/.",
  },
  schemaDocs: {
    name: "SCHEMA_DOCS",
    default: true,
    parse: boolean(),
    description: "Serve the page at /api/docs/, on which the API can be read and tried out.",
  },
});

export type SchemaSettings = ValuesOf<typeof schemaSettings>;
