/** Kysely over declared models. */
export { type OpenQueries, type Queries, queriesOf } from "./driver.ts";
export { type Links, links, type TableMap, type TablesOf } from "./tables.ts";
