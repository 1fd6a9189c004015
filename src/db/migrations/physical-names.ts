/**
 * Names of tables and columns that a database would not take, or would take for another's: found while migrations are made, since one
 * file serves both databases.
 *
 * Reference: the PostgreSQL manual, "Identifiers and Key Words". Differs: Django cuts a long name and puts a digest behind it.
 */
import { ConfigurationError } from "../../errors.ts";
import { columnOf, type Model } from "../../model/index.ts";
import { isKind, type Resolve } from "../columns.ts";
import { throughModels } from "./through.ts";

/** Bytes of a name that PostgreSQL keeps; what is longer it cuts, and two may become one. */
const MOST_BYTES = 63;

const columnsOf = ({ fields }: Model): string[] =>
  Object.entries(fields).flatMap(([name, field]) => (isKind(field, "manyToMany") ? [] : [columnOf(name, field)]));

/** @param known  models whose tables are there; their names are as they are */
export function refuseLongNames(models: readonly Model[], known: readonly Model[], resolve: Resolve): void {
  const withThrough = (all: readonly Model[]): Model[] =>
    all.flatMap((each) => [each, ...throughModels(each, resolve)]);
  const there = new Set(known.flatMap((each) => [each.table, ...columnsOf(each)]));
  for (const of of withThrough(models)) {
    const long = [of.table, ...columnsOf(of)].find((name) => Buffer.byteLength(name) > MOST_BYTES && !there.has(name));
    if (long === undefined) continue;
    throw new ConfigurationError(
      `model "${of.name}"`,
      `"${long}" is longer than the ${MOST_BYTES} bytes of a name on PostgreSQL; give another with table:, column: or, many-to-many, through:`,
    );
  }
}

/** Refuses a field that goes to a column which is that of another field until then: neither order of the two keeps both. */
export function refuseTakenColumns(before: Model, after: Model): void {
  for (const [name, field] of Object.entries(after.fields)) {
    const old = before.fields[name];
    if (!old || isKind(field, "manyToMany") || isKind(old, "manyToMany")) continue;
    const column = columnOf(name, field);
    if (column === columnOf(name, old)) continue;
    const other = Object.entries(before.fields).find(
      ([otherName, each]) => otherName !== name && !isKind(each, "manyToMany") && columnOf(otherName, each) === column,
    );
    if (!other) continue;
    throw new ConfigurationError(
      `model "${after.name}", field "${name}"`,
      `its column "${column}" is that of field "${other[0]}"; let that go to another column, or away, in a migration before`,
    );
  }
}
