/**
 * What rows that are there already get when a field is added: an SQL expression, since they may be many.
 *
 * The order of the sources is Django's: the declared default, the empty text of a `blank` text, what the server sets.
 * Reference: django.db.backends.base.schema.BaseDatabaseSchemaEditor._effective_default.
 * Differs: times come from the database's clock, so that printed SQL is the SQL that runs; `auto: "uuid"` gives each row its
 * own.
 */
import type { Field, FieldKind } from "../../model/index.ts";
import type { Resolve } from "../columns.ts";
import type { Dialect } from "../database.ts";
import { formatOf } from "../formats.ts";
import { formatField, literal } from "./condition-sql.ts";

const texts: ReadonlySet<FieldKind> = new Set<FieldKind>(["text", "email", "url", "slug", "choice"]);

const randomUuid: Record<Dialect, string> = {
  postgres: "gen_random_uuid()",
  // Version 4 in 32 hexadecimal digits: 12, a 4, 3, one of 89ab, 3, 12.
  sqlite:
    "lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || substr('89AB', 1 + abs(random() % 4), 1)" +
    " || substr(hex(randomblob(2)), 2) || hex(randomblob(6)))",
};

const clocks: Partial<Record<FieldKind, string>> = {
  datetime: "CURRENT_TIMESTAMP",
  date: "CURRENT_DATE",
  time: "CURRENT_TIME",
};

/** The expression for rows that are there already; undefined where the field gives none, and they hold null. */
export function backfillOf(field: Field, dialect: Dialect, resolve: Resolve): string | undefined {
  const { auto, blank, default: declared } = field.options;
  const value: unknown = typeof declared === "function" ? declared() : declared;
  if (value !== undefined && value !== null) {
    return literal(formatOf(formatField(field, resolve), dialect).toColumn(value), dialect);
  }
  if (field.null) return undefined;
  if (blank && texts.has(field.kind)) return "''";
  if (auto === "uuid") return randomUuid[dialect];
  return auto === "created" || auto === "updated" ? clocks[field.kind] : undefined;
}
