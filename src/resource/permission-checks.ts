/** Whether what stands among permissions is one: whatever asks nothing agrees, so what only looks like one would open everything. */
import { suggest } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Permission } from "./permissions.ts";

const names = {
  name: true,
  check: true,
  checkObject: true,
  refusal: true,
  readsFreely: true,
  needs: true,
} satisfies Record<keyof Permission, true>;

/**
 * Checks a list of permissions, as it was declared.
 * @throws ConfigurationError  no list, a function that was not called, no permission, a misspelt method
 */
export function checkArePermissions(place: string, declared: unknown): void {
  if (!Array.isArray(declared))
    throw new ConfigurationError(place, "expected a list, such as [permission.authenticated()]");
  for (const [i, one] of declared.entries()) checkIsPermission(`${place}[${i}]`, one);
}

function checkIsPermission(place: string, one: unknown): void {
  if (typeof one === "function")
    throw new ConfigurationError(place, `expected a permission, got a function; call it: ${one.name || "…"}()`);
  if (typeof one !== "object" || one === null || !("name" in one) || typeof one.name !== "string")
    throw new ConfigurationError(place, "expected a permission, such as permission.authenticated()");
  for (const method of ["check", "checkObject"] as const) {
    const value = (one as Partial<Permission>)[method];
    if (value !== undefined && typeof value !== "function")
      throw new ConfigurationError(`${place}, "${one.name}"`, `expected ${method} to be a function`);
  }
  for (const key of Object.keys(one)) {
    const nearest = Object.hasOwn(names, key) ? "" : suggest(key, Object.keys(names));
    if (nearest) throw new ConfigurationError(`${place}, "${one.name}"`, `there is no option "${key}"${nearest}`);
  }
}
