/**
 * The tables of the framework's own that hold what must not be lost in a move, as models: second factors, sessions of tokens, and when
 * all tokens of a user were taken back.
 *
 * Nothing else reads them so. What lives for minutes (rates, locks, leases, answers kept for a repeated request, links in mails) is left behind.
 * Django does not know them: its `loaddata` takes a fixture that has them with `--ignorenonexistent`.
 */
import { type Dialect, defineStatement, type Executor } from "../db/index.ts";
import { field, type Model, model } from "../model/index.ts";

const moment = () => field.integer({ big: true });
const perhaps = () => field.integer({ big: true, null: true });

const SecondFactor = model("drf_auth.second_factor", {
  fields: {
    user_id: field.integer({ big: true, primaryKey: true }),
    secret: field.text(),
    last_step: moment(),
    confirmed_at: perhaps(),
  },
});

const RecoveryCode = model("drf_auth.recovery_code", {
  fields: { code: field.text({ maxLength: 43, primaryKey: true }), user_id: field.integer({ big: true }) },
});

const TokenSession = model("drf_auth.session", {
  fields: {
    id: field.text({ maxLength: 16, primaryKey: true }),
    user_id: field.integer({ big: true }),
    auth_hash: field.text({ maxLength: 64 }),
    jti: field.text({ maxLength: 255 }),
    previous_jti: field.text({ maxLength: 255, null: true }),
    rotated_at: moment(),
    created_at: moment(),
    last_used_at: moment(),
    expires_at: moment(),
    ended_at: perhaps(),
    address: field.text({ maxLength: 45 }),
    user_agent: field.text({ maxLength: 255 }),
  },
});

const Revocation = model("drf_auth.revocation", {
  fields: { user_id: field.integer({ big: true, primaryKey: true }), revoked_at: moment() },
});

export const ownModels = [SecondFactor, RecoveryCode, TokenSession, Revocation];

const tables: Readonly<Record<Dialect, string>> = {
  sqlite: "SELECT name FROM sqlite_master WHERE type = 'table'",
  postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
};

/** Those whose tables are there: an app makes them when it starts. */
export async function ownModelsIn(executor: Executor): Promise<readonly Model[]> {
  const found = new Set((await executor.all(defineStatement(tables[executor.dialect], true))).map(([name]) => name));
  return ownModels.filter(({ table }) => found.has(table));
}
