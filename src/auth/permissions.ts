/**
 * The permissions that there are: for every model one to add, to change, to delete and to view its rows.
 *
 * Made after `migrate`; users and groups are given them, and `modelPermissions` asks for them.
 * Reference: `create_contenttypes` and `create_permissions`, which Django runs after every migration (post_migrate).
 * Differs: processes that migrate at the same time do not disturb each other.
 */
import { builder, type Database, isQuery, type SqlValue, type Statement, slot, statement } from "../db/index.ts";
import type { Model } from "../model/index.ts";

const actions = ["add", "change", "delete", "view"] as const;

/** Names that Django writes in two words, although the model's is one. */
const titles: Readonly<Record<string, string>> = {
  "contenttypes.contenttype": "content type",
  "token_blacklist.blacklistedtoken": "blacklisted token",
  "token_blacklist.outstandingtoken": "outstanding token",
};

/**
 * Makes the content types and permissions that are missing; those that are there stay as they are.
 *
 * @param models  a query has no rows of its own and gets none
 * @returns the number of permissions made
 */
export async function ensurePermissions(database: Database, models: readonly Model[]): Promise<number> {
  const statements = statementsFor(database);
  const own = models.filter((model) => !isQuery(model));
  return database.transaction(async (transaction) => {
    const write = async (sql: Statement, ...values: SqlValue[]): Promise<number> => transaction.run(sql, values);
    const contentTypes = async (): Promise<ReadonlyMap<string, number>> =>
      new Map(
        (await transaction.all(statements.contentTypes)).map(([id, label, model]) => [`${label}.${model}`, Number(id)]),
      );
    const known = await contentTypes();
    for (const { label, modelName } of own) {
      if (!known.has(`${label}.${modelName}`)) await write(statements.addContentType, label, modelName);
    }
    const ids = await contentTypes();
    const granted = new Set(
      (await transaction.all(statements.permissions)).map(([type, codename]) => `${type} ${codename}`),
    );
    let made = 0;
    for (const { name, label, modelName } of own) {
      const type = ids.get(`${label}.${modelName}`);
      if (type === undefined) continue;
      for (const action of actions) {
        const codename = `${action}_${modelName}`;
        if (granted.has(`${type} ${codename}`)) continue;
        const title = titles[name] ?? modelName.replaceAll("_", " ");
        made += await write(statements.addPermission, type, codename, `Can ${action} ${title}`);
      }
    }
    return made;
  });
}

function statementsFor({ dialect }: Database) {
  const db = builder(dialect);
  return {
    contentTypes: statement(db.selectFrom("django_content_type").select(["id", "app_label", "model"])),
    permissions: statement(db.selectFrom("auth_permission").select(["content_type_id", "codename"])),
    addContentType: statement(
      db
        .insertInto("django_content_type")
        .values({ app_label: slot(), model: slot() })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    addPermission: statement(
      db
        .insertInto("auth_permission")
        .values({ content_type_id: slot(), codename: slot(), name: slot() })
        .onConflict((conflict) => conflict.doNothing()),
    ),
  };
}
