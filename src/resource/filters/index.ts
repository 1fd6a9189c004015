/** Which rows of a list, and in which order: declared filters, search, ordering. */

// Declaring
export { boolean, type FilterDeclaration, type FilterDeclarations, range, through } from "./declaration.ts";

// Compiling
export {
  compileFilters,
  type FilterParameter,
  type FilterReading,
  type Filters,
  type MissingRows,
  type RowCheck,
} from "./filters.ts";
export { compileOrdering, type Ordering } from "./ordering.ts";
export type { Arity } from "./outcome.ts";
export { compileSearch, type Search } from "./search.ts";
export type { ParameterKind } from "./values.ts";
