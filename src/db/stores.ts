/** The stores of an app, made when they are first asked for. */
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Dialect } from "./database.ts";
import type { Models } from "./models.ts";
import { Store } from "./store.ts";

/** Makes what finds the store of a model; it throws a ConfigurationError for one whose table no migration of the app makes. */
export function storesOf(models: Models, dialect: Dialect): (model: Model) => Store {
  const stores = new Map<Model, Store>();
  return (model) => {
    const known = stores.get(model);
    if (known !== undefined) return known;
    if (model.managed && !models.all.some(({ name }) => name === model.name))
      throw new ConfigurationError(
        `model "${model.name}"`,
        "has no table; no resource has it, so name it in defineApp({ models })",
      );
    const store = new Store(model, models, dialect);
    stores.set(model, store);
    return store;
  };
}
