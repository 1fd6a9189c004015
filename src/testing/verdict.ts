/**
 * What an answer says of who may.
 *
 * Whatever reaches the action is allowed: 2xx, a conflict, a refusal of the action's own. Therefore a 400 to a made-up body says
 * nothing yet: where it is about nothing but rows that others may link to, these rows are hidden; otherwise the body was not right,
 * and what is missing is asked for.
 */
import type { Models } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Field, FieldMap } from "../model/index.ts";
import { isObject } from "../resource/index.ts";
import type { Actor } from "./actors.ts";
import type { Asked } from "./asked.ts";
import type { Answer } from "./client.ts";
import { placeOf } from "./maker.ts";

/** Allowed, denied (401 or 403), or hidden: a row is not shown (404, or not in the list), or may not be linked to. */
export type Verdict = "allowed" | "denied" | "hidden";

/** An answer to one actor. */
export interface Answered {
  readonly actor: Actor;
  readonly answer: Answer;
  /** Key of the row that it was about. */
  readonly key: unknown;
}

/**
 * @param all  the answers of all actors to the same question
 * @throws ConfigurationError  a body was not right
 */
export function verdictOf(
  asked: Asked,
  { actor, answer, key }: Answered,
  all: readonly Answered[],
  models: Models,
): Verdict {
  const { status } = answer;
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "hidden";
  if (status !== 400 || !asked.fields) return asked.on === "list" && lacks(asked, answer, key) ? "hidden" : "allowed";

  const findings = isObject(answer.json) ? answer.json : {};
  const wrong = Object.keys(findings).filter((name) => asked.fields && name in asked.fields);
  if (wrong.length === 0 && !asked.isCrud) return "allowed";
  const isLinks = wrong.length === Object.keys(findings).length && wrong.every((name) => isLink(asked.fields?.[name]));
  if (isLinks && all.some((other) => other.answer.status < 300)) return "hidden";
  const [name = Object.keys(findings)[0] ?? "?"] = wrong;
  throw new ConfigurationError(
    placeOf(asked.sampled, name, models),
    `the value that was made up is refused (${asked.name} as ${actor}: ${JSON.stringify(answer.json)}); expected samples: { "${asked.sampled}": { ${name}: … } }, or of a row that it links to`,
  );
}

/** Whether a list, whose rows show their keys, ends without this one. */
function lacks({ resource }: Asked, { status, json }: Answer, key: unknown): boolean {
  const name = resource?.model.primaryKey ?? "";
  if (status !== 200 || key === undefined || !resource || resource.fields[name] !== resource.model.fields[name])
    return false;
  const rows = isObject(json) ? json.results : json;
  if (isObject(json) && typeof json.next === "string") return false;
  return Array.isArray(rows) && !rows.some((row) => isObject(row) && String(row[name]) === String(key));
}

/** A field whose values are keys of other rows, or objects that hold such keys. */
function isLink(field: Field | undefined): boolean {
  if (!field) return false;
  if (field.kind === "foreignKey" || field.kind === "manyToMany") return true;
  const { options } = field;
  if ("of" in options) return isLink(options.of as Field | undefined);
  return "fields" in options && Object.values(options.fields as FieldMap).some(isLink);
}
