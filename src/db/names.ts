/**
 * Names of indexes and constraints, the same that Django gives, so that either finds what the other made.
 *
 * Reference: django.db.backends.base.schema.BaseDatabaseSchemaEditor._create_index_name and
 * django.db.backends.utils.names_digest of Django 3.2.
 */
import { createHash } from "node:crypto";
import type { Dialect } from "./database.ts";

/** What a name may be long; SQLite has no limit, Django takes 200. */
const maxLengths: Record<Dialect, number> = { sqlite: 200, postgres: 63 };

/**
 * The name of an index or constraint over some columns: table, columns, eight hexadecimal digits and a suffix.
 *
 * @param suffix  `_uniq` for a unique set, `_fk_<table>_<column>` for a foreign key, nothing for an index
 * @example
 * indexName("bookshop_book", ["author_id"], "sqlite"); // bookshop_book_author_id_90f787b0
 */
export function indexName(table: string, columns: readonly string[], dialect: Dialect, suffix = ""): string {
  const maxLength = maxLengths[dialect];
  // MD5 because Django took it; nothing here is a secret or has to resist an attack.
  const hash = createHash("md5");
  for (const part of [table, ...columns]) hash.update(part);
  const end = hash.digest("hex").slice(0, 8) + suffix;
  const whole = `${table}_${columns.join("_")}_${end}`;
  if (whole.length <= maxLength) return whole;
  const shortEnd = end.length > maxLength / 3 ? end.slice(0, Math.floor(maxLength / 3)) : end;
  const rest = Math.floor((maxLength - shortEnd.length) / 2) - 1;
  const name = `${table.slice(0, rest)}_${columns.join("_").slice(0, rest)}_${shortEnd}`;
  return /^[_0-9]/.test(name) ? `D${name.slice(0, -1)}` : name;
}
