/**
 * What the database refuses, told to a client: who wins a race is found out when it is written.
 *
 * A value that was taken between its check and the write gives the body of the check; a row that went meanwhile, or one that
 * others need, is a conflict. Validation finds everything else before; what it missed is a 400 all the same.
 * Differs: the reference answers these with a 500.
 */
import { CheckViolation, ForeignKeyViolation, InvalidPattern, UniqueViolation } from "../db/index.ts";
import { Conflict, type Issues, ValidationError } from "../errors.ts";
import { columnOf, type Model } from "../model/index.ts";
import { issue } from "./serializer/parser.ts";
import { checkRules, issuesOfCheck, issuesOfUnique, uniqueRules } from "./serializer/rules.ts";

/** What a failed write means to the client; errors that mean nothing to him stay as they are. */
export function refusalOfWrite(error: unknown, model?: Model): unknown {
  if (error instanceof UniqueViolation) return new ValidationError(issuesOf(error, model));
  if (error instanceof ForeignKeyViolation)
    return new Conflict("A row that this refers to is gone, or other rows still refer to this one.", "reference");
  if (error instanceof CheckViolation) {
    const rule = model && checkRules(model).find(({ name }) => name === error.constraint);
    return rule ? new ValidationError(issuesOfCheck(rule, model, model.fields)) : invalid("values that can be stored");
  }
  return error;
}

/** What a failed search means to the client: a database has regular expressions and bounds of its own. */
export function refusalOfRead(error: unknown): unknown {
  if (error instanceof InvalidPattern) return invalid("a regular expression that can be matched quickly here");
  return error instanceof CheckViolation ? invalid("values that can be compared with what is stored") : error;
}

const invalid = (expected: string): ValidationError =>
  new ValidationError({ non_field_errors: [issue("invalid", { expected })] });

/** What a client is told of a value that is taken, under the names of a model's fields. */
export function issuesOf({ columns }: UniqueViolation, model?: Model): Issues {
  const rule = model && uniqueRules(model).find(({ unique }) => isOf(unique, columns, model));
  if (rule && !isUniqueAnyway(rule.unique, model)) return issuesOfUnique(rule, model);
  const names = columns.map(
    (column) =>
      Object.entries(model?.fields ?? {}).find(([name, field]) => columnOf(name, field) === column)?.[0] ?? column,
  );
  const [name = "non_field_errors", ...others] = names;
  return others.length
    ? { non_field_errors: [issue("unique_together", { fields: names.join(", ") })] }
    : { [name]: [issue("unique")] };
}

/** Whether columns are those of some fields. */
const isOf = (names: readonly string[], columns: readonly string[], { fields }: Model): boolean =>
  names.length === columns.length &&
  names.every((name) => fields[name] !== undefined && columns.includes(columnOf(name, fields[name])));

/** Whether these fields are unique in all rows, so that a refusal says nothing of a condition. */
const isUniqueAnyway = (names: readonly string[], { fields, unique }: Model): boolean =>
  unique.some((set) => set.join() === names.join()) ||
  (names.length === 1 && fields[names[0] ?? ""]?.options.unique === true);
