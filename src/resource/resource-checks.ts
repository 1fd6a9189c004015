/** The checks of a resource's options, when it is declared: each names the option, what it expected and what it found. */
import { checkNames } from "../config/index.ts";
import { isQuery } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Field, FieldMap, Model } from "../model/index.ts";
import { type ActionDeclaration, actionNames } from "./own-action.ts";
import { checkArePermissions } from "./permission-checks.ts";
import type { Permission } from "./permissions.ts";
import { type CrudAction, crud, reading } from "./resource-options.ts";

const methods: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** A name that no field has. */
export function checkFields(place: string, names: Iterable<string>, known: FieldMap): void {
  for (const name of names)
    if (!Object.hasOwn(known, name))
      throw new ConfigurationError(place, `"${name}" is not a field; fields: ${Object.keys(known).join(", ")}`);
}

/** What the server sets is shown by an extra field at most. */
export function checkExtra(place: string, model: Model, extra: FieldMap): void {
  for (const [name, { readOnly }] of Object.entries(extra)) {
    if (model.fields[name]?.options.auto === undefined || readOnly) continue;
    throw new ConfigurationError(
      `${place}, extra "${name}"`,
      "the server sets that column; expected a read-only field",
    );
  }
}

/** They are permissions; those that look at a field of the row need one that is there. */
export function checkPermissions(place: string, model: Model, permissions: readonly Permission[]): void {
  checkArePermissions(`${place}, permissions`, permissions);
  for (const { needs = [], name } of permissions)
    checkFields(`${place}, permission "${name}"`, [needs].flat(), model.fields);
}

/** Actions that there are; a query has none that write. */
export function checkOnly(place: string, model: Model, only: readonly CrudAction[]): void {
  const at = `${place}, only`;
  for (const name of only)
    if (!crud.includes(name)) throw new ConfigurationError(at, `expected ${crud.join(", ")}, got "${name}"`);
  const writing = only.find((name) => !reading.includes(name));
  if (isQuery(model) && writing !== undefined)
    throw new ConfigurationError(at, `a query is only read; expected ${reading.join(", ")}, got "${writing}"`);
}

/** `If-Match` is asked for where a row can be changed. */
export function checkIfMatch(place: string, only: readonly CrudAction[], permissions: readonly Permission[]): void {
  const at = `${place}, requireIfMatch`;
  if (!only.some((name) => name !== "create" && !reading.includes(name)))
    throw new ConfigurationError(
      at,
      `no row is changed here; expected update, partialUpdate or delete among ${only.join(", ")}`,
    );
  if (permissions.some(({ name }) => name === "read-only"))
    throw new ConfigurationError(at, "the permissions are read-only; expected some that let somebody write");
}

/** A key of idempotency is for what creates rows. */
export function checkIdempotency(place: string, only: readonly CrudAction[], key: string): void {
  const at = `${place}, idempotencyKey`;
  if (!only.includes("create")) throw new ConfigurationError(at, 'is of no use without "create"');
  if (key !== "optional" && key !== "required")
    throw new ConfigurationError(at, `expected "optional" or "required", got "${key}"`);
}

/** Own actions have a method, and a name that is none of the five. */
export function checkActions(place: string, actions: Readonly<Record<string, ActionDeclaration>>): void {
  for (const [name, declaration] of Object.entries(actions)) {
    const { method, on }: { readonly method: string; readonly on: unknown } = declaration;
    checkNames(`${place}, action "${name}"`, declaration, actionNames, "option");
    if ((crud as readonly string[]).includes(name))
      throw new ConfigurationError(
        `${place}, actions`,
        `"${name}" is one of the five actions of every resource; expected another name`,
      );
    if (!methods.includes(method))
      throw new ConfigurationError(`${place}, action "${name}"`, `expected ${methods.join(", ")}, got "${method}"`);
    if (on !== "list" && on !== "detail")
      throw new ConfigurationError(
        `${place}, action "${name}", on`,
        `expected "list" or "detail", got ${JSON.stringify(on)}`,
      );
    if (method === "GET") checkBodiless(`${place}, action "${name}"`, declaration);
  }
}

/** A GET sends no body, so there is nothing to read an input from: `fetch` refuses to send one, and proxies drop it. */
export function checkBodiless(place: string, { input }: { readonly input?: unknown }): void {
  if (input !== undefined)
    throw new ConfigurationError(
      place,
      "input is read from a body, and a GET has none; expected another method, or request.query in run",
    );
}

/** Rows need a value in every column that has no default, and clients are the only ones who can give it. */
export function checkCreatable(place: string, model: Model, shown: FieldMap, hasHook: boolean): void {
  for (const [name, field] of Object.entries(model.fields)) {
    const isNeeded = field.required || (name === model.primaryKey && !hasHook && isKeyMissing(model, field));
    if (!isNeeded || field.kind === "manyToMany" || shown[name]?.readOnly === false) continue;
    throw new ConfigurationError(
      place,
      `"create" needs a value of "${name}"; expected it among the fields that clients may set, a default, or \`only\` without "create"`,
    );
  }
}

/** Whether nobody but a client gives the key: our tables give numbers, those of others may give what they like. */
const isKeyMissing = ({ managed }: Model, { kind, options }: Field): boolean =>
  managed && kind !== "integer" && !("default" in options) && options.auto === undefined;
