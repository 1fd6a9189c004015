/**
 * Names in declarations, resolved once at start: `author__name` is the field `name` of the model that `author` points at.
 * Filters, search, ordering and cursors all name fields so; `.` may stand for `__`.
 */
import { suggest } from "../../config/index.ts";
import { isPromised, type Models } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import type { Field, Model } from "../../model/index.ts";

export interface NamedField {
  /** Field names joined by dots. */
  readonly path: string;
  readonly field: Field;
  /** The model that the field points at, if it is a relation. */
  readonly target: Model | undefined;
  /** The models that the path goes through, but for the first. */
  readonly through: readonly Model[];
  /** Some step is a many-to-many field. */
  readonly isMany: boolean;
  /** A row may have null here, or nothing at all to look at. */
  readonly isNullable: boolean;
  /** For people: `Author name`. */
  readonly label: string;
}

/**
 * Finds the field that a declared name means.
 * @throws ConfigurationError  at `place`, with the nearest known name
 */
export function findField(name: string, model: Model, models: Models, place: string): NamedField {
  const path = pathOf(name);
  const steps = path.split(".");
  const labels: string[] = [];
  const through: Model[] = [];
  let [at, isMany, isNullable] = [model, false, false];
  for (const [i, step] of steps.entries()) {
    const field = Object.hasOwn(at.fields, step) ? at.fields[step] : undefined;
    if (!field) {
      const names = Object.keys(at.fields);
      const known = suggest(step, names) || `; fields: ${names.join(", ")}`;
      throw new ConfigurationError(place, `"${step}" is not a field of ${at.name}${known}`);
    }
    labels.push(field.options.label ?? step.replaceAll("_", " "));
    isNullable ||= field.null || field.kind === "manyToMany";
    const isRelation = field.kind === "foreignKey" || field.kind === "manyToMany";
    if (isMany && isRelation) {
      throw new ConfigurationError(
        place,
        `after a many-to-many field expected one field of ${at.name} that is no relation`,
      );
    }
    isMany ||= field.kind === "manyToMany";
    const target = isRelation ? models.target(at, step) : undefined;
    if (target && i < steps.length - 1) isNullable ||= !isPromised(at, target);
    if (i === steps.length - 1) {
      const label = labels.join(" ");
      return {
        path,
        field,
        target,
        through,
        isMany,
        isNullable,
        label: label.charAt(0).toUpperCase() + label.slice(1),
      };
    }
    if (!target)
      throw new ConfigurationError(place, `"${step}" is no relation, so "${steps[i + 1]}" cannot be looked up in it`);
    through.push(target);
    at = target;
  }
  throw new ConfigurationError(place, "expected the name of a field");
}

/** `author__name` -> `author.name`. */
export const pathOf = (name: string): string => name.replaceAll("__", ".");

/** `author.name` -> `author__name`, as query parameters have it. */
export const parameterOf = (name: string): string => name.replaceAll(".", "__");

/** The field whose values a field holds: a relation holds the key of its target. */
export function storedField(field: Field, target: Model | undefined, models: Models): Field {
  if (!target) return field;
  const key = target.fields[target.primaryKey];
  if (!key) throw new ConfigurationError(`model "${target.name}"`, `"${target.primaryKey}" is not a field`);
  return key.kind === "foreignKey" ? storedField(key, models.target(target, target.primaryKey), models) : key;
}
