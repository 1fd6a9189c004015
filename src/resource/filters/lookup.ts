/**
 * One lookup of one field (`price__gte`): how its parameter is read, and the condition that follows. Compiled at start.
 * Reference: django_filters.filterset.FilterSet.filter_for_lookup and the filter classes.
 */
import { type Comparison, type Lookup, type Models, nothing, type Transform, type Where } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { aFieldOf, customOf, type Field } from "../../model/index.ts";
import { Invalid, invalid } from "../serializer/parser.ts";
import { type Build, builderOf } from "./condition.ts";
import { checkLookup, isPatternLookup } from "./lookups.ts";
import type { NamedField } from "./named-field.ts";
import { bits32 } from "./number.ts";
import type { CompiledLookup, Outcome } from "./outcome.ts";
import { compileRelation } from "./relation.ts";
import {
  choiceReader,
  choicesOf,
  dateReader,
  type ParameterKind,
  readBoolean,
  readerOf,
  readList,
  readText,
  type ValueReader,
  wholeReader,
} from "./values.ts";

/**
 * Compiles a lookup of a field.
 * @throws ConfigurationError  the field's kind has no such lookup
 */
export function compileLookup(named: NamedField, lookup: Lookup, models: Models, place: string): CompiledLookup {
  const { field, target, path } = named;
  const { transform, comparison } = checkLookup(field, lookup, place);
  if (comparison === "isnull") return single("boolean", readBoolean, (value) => ({ path, lookup, value }));
  if (customOf(field)?.toColumn)
    throw new ConfigurationError(place, "is of a kind of its own, whose column holds something else; lookups: isnull");
  if (target) return compileRelation(named, target, comparison, models);
  const isChoice = comparison === "exact" && field.kind === "choice";
  const reader = isChoice ? choiceReader(field) : readerFor(field, transform, comparison);
  if (!reader) throw new ConfigurationError(place, `${aFieldOf(field.kind)} cannot be compared with a text`);
  const build = builderOf(named, lookup, comparison, reader.bounds);
  if (comparison === "in" || comparison === "range") return several(reader, comparison, build);
  return { ...single(reader.kind, reader.read, build), choices: isChoice ? choicesOf(field) : undefined };
}

/** What is compared: the day of a time, its year, or the value itself. */
function readerFor(field: Field, transform: Transform | undefined, comparison: Comparison): ValueReader | undefined {
  if (transform) return transform === "date" ? dateReader : wholeReader(bits32);
  return isPatternLookup(comparison) ? { kind: "text", read: readText } : readerOf(field);
}

function single(kind: ParameterKind, read: ValueReader["read"], build: Build): CompiledLookup {
  return {
    kind,
    arity: "one",
    read(query, parameter) {
      const text = query.get(parameter);
      const value = text === undefined ? undefined : read(text);
      return value === undefined || value instanceof Invalid ? value : outcome(build(value));
    },
  };
}

/** Reference: django_filters.fields.BaseCSVField and BaseRangeField: a blank item is "" of a text and null of anything else. */
function several(reader: ValueReader, comparison: "in" | "range", build: Build): CompiledLookup {
  return {
    kind: reader.kind,
    arity: comparison === "in" ? "list" : "pair",
    read(query, parameter) {
      const values = readList(query.get(parameter), reader);
      if (values === undefined || values instanceof Invalid) return values;
      if (comparison === "in") return outcome(build(values.filter((value) => value !== undefined)));
      if (values.length !== 2) return invalid("invalid", { expected: "two values, separated by a comma" });
      return values.includes(undefined) ? { where: nothing } : outcome(build(values));
    },
  };
}

const outcome = (where: Where | Invalid): Outcome => (where instanceof Invalid ? where : { where });
