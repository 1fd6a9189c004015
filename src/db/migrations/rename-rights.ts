/**
 * The content type and the permissions of a renamed model, which go on to be those of its rows: who may change books may change
 * volumes.
 *
 * Nothing is done where the tables of Django's are not there yet, or where the new name has a content type already.
 * Reference: django.contrib.contenttypes.management.RenameContentType. Differs: Django 3.2 leaves the permissions under the old name.
 */
import type { Dialect, Executor, SqlValue } from "../database.ts";
import { defineStatement } from "../statement.ts";
import { labelOf } from "./migration.ts";

const actions = ["add", "change", "delete", "view"];

const statementsFor = (dialect: Dialect) => {
  const own = (sql: string): string => (dialect === "sqlite" ? sql.replace(/\$\d/g, "?") : sql);
  return {
    findTables: defineStatement(
      dialect === "sqlite"
        ? "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'auth_permission'"
        : "SELECT 1 WHERE to_regclass('django_content_type') IS NOT NULL AND to_regclass('auth_permission') IS NOT NULL",
      true,
    ),
    findType: defineStatement(own("SELECT id FROM django_content_type WHERE app_label = $1 AND model = $2")),
    renameType: defineStatement(own("UPDATE django_content_type SET model = $1 WHERE id = $2")),
    renamePermission: defineStatement(
      own("UPDATE auth_permission SET codename = $1, name = $2 WHERE content_type_id = $3 AND codename = $4"),
    ),
  };
};
const statements = { sqlite: statementsFor("sqlite"), postgres: statementsFor("postgres") };

/** Gives what is kept under the full name of a model another one. Called in the transaction of its migration. */
export async function renameRights(transaction: Executor, from: string, to: string): Promise<void> {
  const { findTables, findType, renameType, renamePermission } = statements[transaction.dialect];
  if (!(await transaction.get(findTables))) return;
  const nameOf = (model: string): string => model.slice(model.indexOf(".") + 1);
  const [was, is] = [nameOf(from), nameOf(to)];
  const typeOf = async (name: string): Promise<SqlValue | undefined> => {
    const [id] = (await transaction.get(findType, [labelOf(from), name])) ?? [];
    return id as SqlValue | undefined;
  };
  const type = await typeOf(was);
  if (type === undefined || (await typeOf(is)) !== undefined) return;
  await transaction.run(renameType, [is, type]);
  for (const action of actions) {
    const title = `Can ${action} ${is.replaceAll("_", " ")}`;
    await transaction.run(renamePermission, [`${action}_${is}`, title, type, `${action}_${was}`]);
  }
}
