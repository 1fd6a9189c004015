export { type AggregateFunction, aggregateOf, aggregates, type RelatedAggregate } from "./aggregates.ts";
export { type CustomKind, customOf, type Refuse } from "./custom.ts";
export type { Field, FieldKind, FieldMap, Json, ValueOf } from "./field.ts";
export { aFieldOf, defineField } from "./field.ts";
export * as field from "./fields.ts";
export type { Constraint, FieldTest, Index, Operand, RowCondition, RuleMessage } from "./indexes.ts";
export { alternativesOf, fieldsOfCondition, indexedField } from "./indexes.ts";
export type { InputOf, Model, ModelOptions, RowOf, WithPrimaryKey } from "./model.ts";
export { columnOf, model } from "./model.ts";
export type {
  ChildRows,
  Choice,
  FieldOptions,
  FileOptions,
  OnDelete,
  OptionsOf,
  Target,
  Validator,
} from "./options.ts";
export type { Input, Row, ShownOf, ValueOfField } from "./row.ts";
