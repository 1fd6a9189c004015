/**
 * The rules of a model's table, asked of values before they are written: a client is told what would break one together with everything
 * else, and in the same words where only the database could tell.
 *
 * Reference: CheckConstraint and UniqueConstraint of django.db.models (`validate`), which rest_framework asks in part.
 */
import { conditionHolds, type Values } from "../../db/index.ts";
import type { Issue, Issues } from "../../errors.ts";
import { type Constraint, type FieldMap, fieldsOfCondition, type Model } from "../../model/index.ts";
import { issue } from "./parser.ts";

export type CheckRule = Extract<Constraint, { readonly check: unknown }>;
export type UniqueRule = Extract<Constraint, { readonly unique: unknown }>;

export const checkRules = ({ constraints }: Model): readonly CheckRule[] =>
  constraints.filter((rule): rule is CheckRule => "check" in rule);
export const uniqueRules = ({ constraints }: Model): readonly UniqueRule[] =>
  constraints.filter((rule): rule is UniqueRule => "unique" in rule);

/**
 * The row as it would be, so far as it is known: what is sent, what was there, what is set where nothing is.
 * @param fillsIn  own code may yet set what is not sent
 */
export function rowToBe(
  { fields }: Model,
  values: Values,
  before: Values | undefined,
  fillsIn = false,
): Record<string, unknown> {
  if (fillsIn) return values;
  const row: Record<string, unknown> = {};
  for (const [name, { options, null: mayBeNull }] of Object.entries(fields)) {
    const standing = before ? before[name] : standardOf(options, mayBeNull);
    row[name] = name in values ? values[name] : standing;
  }
  return row;
}

const standardOf = (options: { readonly default?: unknown; readonly auto?: string }, mayBeNull: boolean): unknown => {
  if ("default" in options) return typeof options.default === "function" ? undefined : options.default;
  return mayBeNull && options.auto === undefined ? null : undefined;
};

/** What values break of the rules on single rows; undefined where none, or where only the database can tell. */
export function brokenBy(
  rules: readonly { readonly rule: CheckRule; readonly names: readonly string[] }[],
  model: Model,
  fields: FieldMap,
  { values, before }: { readonly values: Values; readonly before?: Values },
  fillsIn = false,
): Issues | undefined {
  const concerned = rules.filter(({ names }) => names.some((name) => name in values));
  if (concerned.length === 0) return undefined;
  const row = rowToBe(model, values, before, fillsIn);
  const found: Record<string, readonly Issue[]> = {};
  for (const { rule } of concerned) {
    if (conditionHolds(model, rule.check, row) !== false) continue;
    for (const [name, issues] of Object.entries(issuesOfCheck(rule, model, fields)))
      found[name] = [...(found[name] ?? []), ...issues];
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The rules with the names of the fields that each speaks of. */
export const withNames = (rules: readonly CheckRule[]) =>
  rules.map((rule) => ({ rule, names: [...new Set(fieldsOfCondition(rule.name, rule.check))] }));

/** The finding of a broken rule: at its field where it speaks of one alone that is among those that are sent. */
export function issuesOfCheck(rule: CheckRule, model: Model, fields: FieldMap): Record<string, readonly Issue[]> {
  const [name = "", ...others] = new Set(fieldsOfCondition(rule.name, rule.check));
  const place = others.length === 0 && fields[name]?.readOnly === false ? name : "non_field_errors";
  return { [place]: [withMessage(issue("constraint", { name: rule.name }), rule, model)] };
}

/** The finding of values that are taken where the condition of a rule holds. */
export function issuesOfUnique(rule: UniqueRule, model: Model): Record<string, readonly Issue[]> {
  const [name = "", ...others] = rule.unique;
  const found = others.length === 0 ? issue("unique") : issue("unique_together", { fields: rule.unique.join(", ") });
  return { [others.length === 0 ? name : "non_field_errors"]: [withMessage(found, rule, model)] };
}

function withMessage(found: Issue, { name }: Constraint, { ruleMessages }: Model): Issue {
  const { code = found.code, message = found.message } = ruleMessages.get(name) ?? {};
  return { code, message };
}
