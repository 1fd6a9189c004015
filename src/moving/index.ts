/** Data between databases: fixtures written and read, what is there read as models, copies of SQLite files. */
export { chooseModels, UnknownModel } from "./choice.ts";
export { type Counts, dump, type FixtureFormat } from "./dump.ts";
export type { DeclaredField, DeclaredModel, Inspected } from "./inspect/declarations.ts";
export { inspect, UnknownTable } from "./inspect/inspect.ts";
export { appSource } from "./inspect/source.ts";
export { type Loaded, LoadFailed, type LoadOptions, load } from "./load.ts";
export { FixtureMalformed, objectsIn } from "./objects.ts";
export { ownModels, ownModelsIn } from "./own-models.ts";
