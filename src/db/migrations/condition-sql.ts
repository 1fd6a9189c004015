/** The condition of an index or constraint as SQL with its constants written in, the same for both databases but for formats. */
import { ConfigurationError } from "../../errors.ts";
import {
  alternativesOf,
  columnOf,
  type Field,
  type FieldTest,
  type Model,
  type Operand,
  type RowCondition,
} from "../../model/index.ts";
import { isKind, keyField, quote, type Resolve } from "../columns.ts";
import type { Dialect, SqlValue } from "../database.ts";
import { formatOf } from "../formats.ts";

/** A value as it stands in SQL text. */
export function literal(value: SqlValue, dialect: Dialect): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof Uint8Array) {
    const digits = Buffer.from(value).toString("hex");
    return dialect === "sqlite" ? `X'${digits}'` : `'\\x${digits}'`;
  }
  return value === null ? "NULL" : String(value);
}

/** The field whose format a column has: its own, or that of the key it holds. */
export function formatField(field: Field, resolve: Resolve): Field {
  return isKind(field, "foreignKey") ? formatField(keyField(resolve(field.options.to)), resolve) : field;
}

const operators = { not: "<>", gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** The SQL of a condition on rows of a model. @throws ConfigurationError  a many-to-many field, which is no column */
export function conditionSql(of: Model, condition: RowCondition, dialect: Dialect, resolve: Resolve): string {
  const column = (name: string): string => {
    const field = of.fields[name];
    if (!field || field.kind === "manyToMany")
      throw new ConfigurationError(
        `model "${of.name}", field "${name}"`,
        "is no column, so no condition can speak of it",
      );
    return quote(columnOf(name, field));
  };
  const test = (name: string, tested: FieldTest): string[] => {
    const own = column(name);
    const format = formatOf(formatField(of.fields[name] as Field, resolve), dialect);
    const operand = (value: Operand): string =>
      typeof value === "object" ? column(value.field) : literal(format.toColumn(value), dialect);
    if (tested === null) return [`${own} IS NULL`];
    if (typeof tested !== "object" || "field" in tested) return [`${own} = ${operand(tested)}`];
    const { in: several, not, ...bounds } = tested;
    return [
      ...(not === null ? [`${own} IS NOT NULL`] : not === undefined ? [] : [`${own} ${operators.not} ${operand(not)}`]),
      ...(["gt", "gte", "lt", "lte"] as const).flatMap((each) => {
        const bound = bounds[each];
        return bound === undefined ? [] : [`${own} ${operators[each]} ${operand(bound)}`];
      }),
      ...(several === undefined ? [] : [`${own} IN (${several.map(operand).join(", ")})`]),
    ];
  };
  const alternatives = alternativesOf(condition).map((tests) =>
    tests.flatMap(([name, each]) => test(name, each)).join(" AND "),
  );
  return alternatives.length === 1 ? `${alternatives[0]}` : alternatives.map((each) => `(${each})`).join(" OR ");
}
