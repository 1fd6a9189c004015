/**
 * Which models are moved, and in which order: what others point at comes first.
 *
 * Reference: `sort_dependencies` of django.core.serializers. Differs: models that point at each other keep their order, since foreign
 * keys are checked at the end.
 */
import { isQuery, type Models } from "../db/index.ts";
import { DrfAuthError } from "../errors.ts";
import type { Model } from "../model/index.ts";

/** A name stands for no model of the app. */
export class UnknownModel extends DrfAuthError {
  readonly code = "unknown_model";
}

/**
 * The models that are asked for, in order.
 * @param only     labels (`shop`) or names (`shop.book`), in any case (default: all)
 * @param exclude  the same, left out
 * @throws UnknownModel
 */
export function chooseModels(
  models: Models,
  only: readonly string[] = [],
  exclude: readonly string[] = [],
): readonly Model[] {
  const all = inOrder(models);
  const named = (names: readonly string[]) => new Set(names.flatMap((name) => modelsNamed(all, name)));
  const wanted = only.length === 0 ? new Set(all) : named(only);
  const unwanted = named(exclude);
  return all.filter((model) => wanted.has(model) && !unwanted.has(model));
}

function modelsNamed(all: readonly Model[], asked: string): readonly Model[] {
  const name = asked.toLowerCase();
  const found = all.filter((model) => model.label === name || model.name === name || `app.${model.name}` === name);
  if (found.length > 0) return found;
  const names = all.map((model) => model.name).join(", ");
  throw new UnknownModel(`there is no model or label "${asked}"; models: ${names}`);
}

function inOrder(models: Models): readonly Model[] {
  const ordered = new Set<Model>();
  const begun = new Set<Model>();
  const visit = (model: Model): void => {
    if (begun.has(model) || isQuery(model)) return;
    begun.add(model);
    for (const [name, { kind }] of Object.entries(model.fields))
      if (kind === "foreignKey" || kind === "manyToMany") visit(models.target(model, name));
    ordered.add(model);
  };
  models.all.forEach(visit);
  return [...ordered];
}

/** The name of a model in a fixture: with its label, which Django always has. */
export const fixtureName = ({ label, modelName }: Model): string => `${label}.${modelName}`;
