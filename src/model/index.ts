export { type AggregateFunction, aggregateOf, aggregates, type RelatedAggregate } from "./aggregates.ts";
export { type CustomKind, customOf, type Refuse } from "./custom.ts";
export type {
  ChildRows,
  Choice,
  Field,
  FieldKind,
  FieldMap,
  FieldOptions,
  FileOptions,
  Input,
  Json,
  OnDelete,
  OptionsOf,
  Row,
  ShownOf,
  Target,
  Validator,
  ValueOf,
  ValueOfField,
} from "./field.ts";
export { aFieldOf, defineField } from "./field.ts";
export * as field from "./fields.ts";
export type { Constraint, FieldTest, Index, Operand, RowCondition, RuleMessage } from "./indexes.ts";
export { alternativesOf, fieldsOfCondition, indexedField } from "./indexes.ts";
export type { InputOf, Model, ModelOptions, RowOf, WithPrimaryKey } from "./model.ts";
export { columnOf, model } from "./model.ts";
