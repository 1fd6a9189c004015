/** An outdated encoding of a password is replaced when its account signs in, and nothing else is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { User } from "../../src/auth/models.ts";
import type { Passwords } from "../../src/auth/passwords/passwords.ts";
import { createUsers } from "../../src/auth/users.ts";
import { Store } from "../../src/db/index.ts";
import { defineApp } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const app = defineApp({ resources: {} });

for (const { name, create } of databases) {
  /** Users whose encodings are `old <password>` and `new <password>`; `meanwhile` runs while a password is hashed. */
  const start = async () => {
    const { database, stop } = await startTestApp(app, await create());
    const store = new Store(User, app.models, database.dialect);
    const of = (meanwhile: (id: number) => Promise<unknown> = async () => undefined) => {
      let isFirst = true;
      const passwords: Passwords = {
        maxBytes: Number.POSITIVE_INFINITY,
        hash: async (password) => `old ${password}`,
        async verify(password, encoded) {
          const valid = encoded.slice(4) === password;
          if (isFirst) await meanwhile(1);
          isFirst = false;
          return valid && encoded.startsWith("old") ? { valid, upgraded: `new ${password}` } : { valid };
        },
        waste: async () => undefined,
        isUsable: () => true,
        load: () => ({ running: 0, waiting: 0 }),
        unusable: () => "!",
      };
      return createUsers(database, store, passwords, () => 0);
    };
    await of().create({ username: "alice", password: "first" });
    return { of, stop, change: (password: string) => store.update(database, 1, { password }) };
  };

  describe(`signing in with an outdated encoding, ${name}`, () => {
    test("it is replaced", async () => {
      const { of, stop } = await start();
      assert.equal((await of().signIn("alice", "first"))?.password, "new first");
      await stop();
    });

    test("a password that is changed meanwhile stays changed, and the old one does not sign in", async () => {
      const { of, stop, change } = await start();
      assert.equal(await of(() => change("new second")).signIn("alice", "first"), undefined);
      assert.equal((await of().byId(1))?.password, "new second");
      await stop();
    });

    test("of two at once both sign in", async () => {
      const { of, stop } = await start();
      const other = () => of().signIn("alice", "first");
      assert.equal((await of(other).signIn("alice", "first"))?.username, "alice");
      await stop();
    });
  });
}
