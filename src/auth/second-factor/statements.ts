/** The two tables of second factors and what is asked of them. */
import { builder, type Dialect, slot, statement } from "../../db/index.ts";

const factors = "drf_auth_second_factor";
const codes = "drf_auth_recovery_code";

export const secondFactorTable = `CREATE TABLE IF NOT EXISTS ${factors} (user_id bigint NOT NULL PRIMARY KEY, secret text NOT NULL,
  last_step bigint NOT NULL, confirmed_at bigint);
CREATE TABLE IF NOT EXISTS ${codes} (code varchar(43) NOT NULL PRIMARY KEY, user_id bigint NOT NULL);
CREATE INDEX IF NOT EXISTS ${codes}_user ON ${codes} (user_id)`;

/** Compiled for a database. */
export function statementsFor(dialect: Dialect) {
  const db = builder(dialect);
  return {
    /** secret, confirmed_at. */
    find: statement(db.selectFrom(factors).select(["secret", "confirmed_at"]).where("user_id", "=", slot())),
    /** A secret that was not confirmed is replaced, one that was is left alone. */
    begin: statement(
      db
        .insertInto(factors)
        .values({ user_id: slot(), secret: slot(), last_step: slot(), confirmed_at: slot() })
        .onConflict((conflict) =>
          conflict
            .column("user_id")
            .doUpdateSet((excluded) => ({
              secret: excluded.ref("excluded.secret"),
              last_step: excluded.ref("excluded.last_step"),
            }))
            .where(`${factors}.confirmed_at`, "is", null),
        ),
    ),
    confirm: statement(
      db
        .updateTable(factors)
        .set({ last_step: slot(), confirmed_at: slot() })
        .where("user_id", "=", slot())
        .where("confirmed_at", "is", null),
    ),
    takeStep: statement(
      db.updateTable(factors).set({ last_step: slot() }).where("user_id", "=", slot()).where("last_step", "<", slot()),
    ),
    reseal: statement(db.updateTable(factors).set({ secret: slot() }).where("user_id", "=", slot())),
    remove: statement(db.deleteFrom(factors).where("user_id", "=", slot())),
    addCode: statement(db.insertInto(codes).values({ code: slot(), user_id: slot() })),
    useCode: statement(db.deleteFrom(codes).where("code", "=", slot()).where("user_id", "=", slot())),
    forgetCodes: statement(db.deleteFrom(codes).where("user_id", "=", slot())),
    countCodes: statement(
      db
        .selectFrom(codes)
        .select(({ fn }) => fn.countAll().as("count"))
        .where("user_id", "=", slot()),
    ),
  };
}
