/**
 * What CHECK constraints say of one column: the values there are, and bounds. What is not recognized says nothing.
 *
 * Both databases are read as they write it: `"genre" IN ('a', 'b')`, `((genre)::text = ANY ((ARRAY['a'::character varying, …])::text[]))`.
 */
export interface Rule {
  readonly choices?: readonly (string | number)[];
  readonly min?: number;
  readonly max?: number;
  readonly isJson?: true;
}

/** The rules of columns, by name. */
export function rulesIn(checks: readonly string[]): ReadonlyMap<string, Rule> {
  const rules = new Map<string, Rule>();
  const add = (column: string, rule: Rule) => rules.set(column, { ...rules.get(column), ...rule });
  for (const check of checks) {
    const json = /json_valid\s*\(\s*"?(\w+)"?\s*\)/i.exec(check)?.[1];
    if (json !== undefined) add(json, { isJson: true });
    else if (/\bor\b|\bnot\b/i.test(withoutTexts(check))) continue;
    else readChoices(check, add) || readBounds(check, add);
  }
  return rules;
}

type Add = (column: string, rule: Rule) => unknown;

const withoutTexts = (sql: string): string => sql.replace(/'(?:[^']|'')*'/g, "''");

function readChoices(check: string, add: Add): boolean {
  const [, column, list] =
    /^\s*\(*"?(\w+)"?\)*(?:::[\w ]+?)?\s+(?:in|=\s*any)\s*\((.*)\)\s*\)*\s*$/is.exec(check) ?? [];
  if (column === undefined || list === undefined) return false;
  const texts = Array.from(list.matchAll(/'((?:[^']|'')*)'/g), ([, text = ""]) => text.replaceAll("''", "'"));
  const numbers = Array.from(withoutTexts(list).matchAll(/(?<![\w'])-?\d+(?![\w.])/g), ([digits]) => Number(digits));
  const choices = texts.length > 0 ? texts : numbers;
  if (choices.length === 0) return false;
  add(column, { choices });
  return true;
}

function readBounds(check: string, add: Add): boolean {
  const parts = check.split(/\band\b/i);
  const found = parts.map((part) =>
    /^[\s(]*"?(\w+)"?\)*\s*(>=|<=)\s*\(*'?(-?\d+(?:\.\d+)?)'?\)*(?:::[\w ]+)?[\s)]*$/.exec(part),
  );
  for (const bound of found) {
    const [, column, operator, number] = bound ?? [];
    if (column !== undefined) add(column, operator === ">=" ? { min: Number(number) } : { max: Number(number) });
  }
  return found.every(Boolean);
}
