/** Names in declarations that are plain objects: a misspelt one is an error, not an option that nobody reads. */
import { ConfigurationError } from "../errors.ts";
import { suggest } from "./nearest.ts";

/**
 * Checks that an object has no names but known ones.
 * @param place  where it stands, e.g. `resource of "snack"`
 * @param what   what its names are, e.g. `option`
 * @throws ConfigurationError  with the nearest known name
 */
export function checkNames(place: string, object: object, known: object, what: string): void {
  for (const name of Object.keys(object)) {
    if (Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const nearest = suggest(name, names) || `; ${what}s: ${names.join(", ")}`;
    throw new ConfigurationError(place, `there is no ${what} "${name}"${nearest}`);
  }
}
