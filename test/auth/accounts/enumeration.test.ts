/** Nobody finds out which accounts there are: the answer has left before the accounts are asked. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Database, Executor } from "../../../src/db/index.ts";
import { databases } from "../../databases.ts";
import { startAccounts } from "./accounts.ts";

/** A database whose table of accounts answers nobody until it is opened. */
function closedAccounts() {
  const gate = Promise.withResolvers<void>();
  const door = { isClosed: false, open: gate.resolve };
  const wrapped = <E extends Executor>(executor: E): E =>
    new Proxy(executor, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        if (name === "transaction")
          return (work: (transaction: Executor) => unknown) =>
            value.call(target, (transaction: Executor) => work(wrapped(transaction)));
        return (...parameters: unknown[]) => {
          const [statement] = parameters;
          const asks = typeof statement === "object" && statement !== null && "sql" in statement;
          const isAsked = door.isClosed && asks && /auth_user|drf_auth_pending/.test(String(statement.sql));
          return isAsked ? gate.promise.then(() => value.apply(target, parameters)) : value.apply(target, parameters);
        };
      },
    });
  return { door, wrap: (database: Database): Database => wrapped(database) };
}

for (const { name, create } of databases) {
  describe(`whoever is not signed in, ${name}`, () => {
    for (const [route, body, status] of [
      ["", { username: "alice", email: "alice@example.com", password: "correct horse" }, 201],
      ["", { username: "nobody", email: "nobody@example.com", password: "correct horse" }, 201],
      ["resend_activation/", { email: "alice@example.com" }, 204],
      ["reset_password/", { email: "alice@example.com" }, 204],
      ["reset_username/", { email: "nobody@example.com" }, 204],
    ] as const) {
      it(`is answered before an account is looked for: ${route || "register"} ${body.email}`, {
        timeout: 10_000,
      }, async () => {
        const { door, wrap } = closedAccounts();
        const { client, user, mails, settled, stop } = await startAccounts(await create(), {}, { wrap });
        await user("alice", { email: "alice@example.com" });
        door.isClosed = true;
        assert.equal((await client("POST", `/auth/users/${route}`, { json: body })).status, status);
        assert.deepEqual(mails(), []);
        door.isClosed = false;
        door.open();
        await settled();
        assert.equal(mails().length > 0, !(route === "resend_activation/" || route === "reset_username/"));
        await stop();
      });
    }
  });
}
