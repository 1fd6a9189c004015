/**
 * Expansions: related rows that a client may ask for in place of their keys, `?expand=author,author.publisher`.
 *
 * What may be asked for is what is declared, at most three levels deep. An expanded foreign key is read as a nested field is, with the
 * row in the same statement; an expanded many-to-many field costs one statement more than its keys.
 * Differs: the reference has nothing of the kind; there one writes a serializer for each shape.
 */
import type { Models } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { FieldMap, Model } from "../model/index.ts";
import type { Resource } from "./resource.ts";

/**
 * What is shown of a related row: fields of one's own choice, or what a resource of its model shows; and what may be expanded in it.
 *
 * @example
 * const author: Expansion = { fields: { name: Author.fields.name, publisher: Author.fields.publisher }, expand: { publisher: publishers } };
 */
export type Expansion = Resource | { readonly fields: FieldMap; readonly expand?: Expansions };

/** Expansions by the name of the field whose key they take the place of. */
export type Expansions = { readonly [field: string]: Expansion };

/** One that may be asked for. */
export interface ExpansionPath {
  /** `author.publisher`. */
  readonly path: string;
  /** Who decides whether this user is shown such rows: the resource that was named, or those of the model. */
  readonly shownBy: Resource | Model;
}

const MAX_DEPTH = 3;

const relations: ReadonlySet<string> = new Set(["foreignKey", "manyToMany"]);

/**
 * The expansions that may be asked for, each behind the one that it belongs to.
 * @param resourcesOf  the app's resources of a model
 * @throws ConfigurationError  a field that is not shown or is no relation, a resource of another model, a scope that would not hold
 */
export function expansionPaths(
  { model, fields, expand }: Pick<Resource, "model" | "fields"> & { readonly expand?: Expansions },
  models: Models,
  resourcesOf: (model: Model) => readonly Resource[],
  place: string,
  prefix = "",
): readonly ExpansionPath[] {
  if (prefix.split(".").length > MAX_DEPTH) return [];
  return Object.entries(expand ?? {}).flatMap(([name, expansion]) => {
    const at = `${place}, expand "${prefix}${name}"`;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field || field.writeOnly)
      throw new ConfigurationError(at, `expected a field that is shown: ${Object.keys(fields).join(", ")}`);
    const source = field.options.source ?? name;
    if (!relations.has(field.kind) || model.fields[source]?.kind !== field.kind)
      throw new ConfigurationError(at, `expected a relation of ${model.name}, not a field of ${field.kind}`);
    const target = models.target(model, source);
    if ("model" in expansion) checkResource(expansion, target, resourcesOf(target), at);
    const shownBy = "model" in expansion ? expansion : target;
    const inner = { model: target, fields: expansion.fields, expand: expansion.expand };
    const path = `${prefix}${name}`;
    return [{ path, shownBy }, ...expansionPaths(inner, models, resourcesOf, place, `${path}.`)];
  });
}

/** Through relations a row is seen where any resource shows it, so one resource's scope holds alone where that is the only one. */
function checkResource(resource: Resource, target: Model, all: readonly Resource[], at: string): void {
  if (resource.model !== target)
    throw new ConfigurationError(at, `expected a resource of ${target.name}, got one of ${resource.model.name}`);
  if (resource.scope && !(all.length === 1 && all[0] === resource))
    throw new ConfigurationError(
      at,
      `its scope holds only where it is the app's one resource of ${target.name}; expected the fields to show`,
    );
}
