/**
 * A resource whose rows have more than columns: fields that the database computes of related rows are filtered, sorted and read like
 * those of the model.
 */
import type { Store } from "../db/index.ts";
import { aggregateOf, type FieldMap, type Model } from "../model/index.ts";
import type { Resource } from "./resource.ts";
import type { Services } from "./services.ts";

/** What a resource shows that is computed of related rows, by name. */
export const computedFields = ({ fields }: Pick<Resource, "fields">): FieldMap =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => aggregateOf(field) && !field.writeOnly));

/** The model with these fields, for those who look names up in it. */
export const withComputed = (model: Model, computed: FieldMap): Model =>
  Object.keys(computed).length === 0 ? model : { ...model, fields: { ...model.fields, ...computed } };

/** The services with a store that computes these fields of the model's rows. */
export function computingServices(services: Services, model: Model, computed: FieldMap): Services {
  if (Object.keys(computed).length === 0) return services;
  let made: Store | undefined;
  const store = (asked: Model): Store => {
    if (asked !== model) return services.store(asked);
    made ??= services.store(model).computing(computed);
    return made;
  };
  return { ...services, store };
}
