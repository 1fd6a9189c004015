/** A name that there is not takes the time that an account takes, also where accounts were brought along whose passwords cost more. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDecoys } from "../../../src/auth/passwords/decoys.ts";
import { createPasswords } from "../../../src/auth/passwords/passwords.ts";
import { createUsers } from "../../../src/auth/users.ts";
import { defineStatement, Store } from "../../../src/db/index.ts";
import { defineApp, User } from "../../../src/index.ts";
import { startTestApp } from "../../app.ts";
import { databases } from "../../databases.ts";

const app = defineApp({ resources: {} });
const HOUR = 3_600_000;
const old = "pbkdf2_sha256$260000$saltadmin00000000000aa$jBZmL7Ys37ZwjoZRVuZv1U3jysTDE7tf+O3sUXOYoUA=";

for (const { name, create } of databases) {
  describe(`a wrong password, ${name}`, () => {
    it("costs for names that there are not what it costs for accounts, as often as for those, and always the same", async (t) => {
      const { database, clock, stop } = await startTestApp(app, await create());
      t.after(stop);
      const parameters = { pbkdf2_sha256: { iterations: 1 } };
      const passwords = createPasswords({ preferred: "pbkdf2_sha256", parameters, maxConcurrent: 2 });
      const spent: string[] = [];
      const counted = {
        ...passwords,
        waste: async (_: string, like = "as a new one") =>
          void spent.push(like === old ? "old" : like.replace(/^pbkdf2_sha256\$1\$.*/, "as a new one")),
      };
      const decoys = createDecoys({ database, secretKey: "x".repeat(32), now: () => clock.now });
      const store = new Store(User, app.models, database.dialect);
      const users = createUsers(database, store, counted, () => clock.now, { decoys });
      const names = Array.from({ length: 40 }, (_, i) => `nobody${i}`);
      const costs = async () => {
        spent.length = 0;
        for (const each of names) assert.equal(await users.signIn(each, "guess"), undefined);
        return [...spent];
      };
      const numberOf = (found: readonly string[], what: string) => found.filter((each) => each === what).length;

      assert.equal(numberOf(await costs(), "as a new one"), 40, "without accounts");
      // Three in four were brought along.
      for (let i = 0; i < 40; i++)
        await users.create({ username: `user${i}`, password: "x", ...(i % 4 > 0 && { encoded: old }) });
      assert.equal(numberOf(await costs(), "as a new one"), 40, "the sample is of this hour");
      clock.now += HOUR;
      const first = await costs();
      assert.equal(numberOf(first, "old") + numberOf(first, "as a new one"), 40);
      assert.ok(numberOf(first, "old") > 20 && numberOf(first, "as a new one") > 2, first.join());
      clock.now += HOUR;
      const second = await costs();
      // The samples differ a little, and with them the names at the border.
      assert.ok(first.filter((cost, i) => cost !== second[i]).length < 12, `${first}\n${second}`);

      await database.run(defineStatement("update auth_user set id = id * 1000000"));
      await database.run(defineStatement("delete from auth_user where id > 5000000"));
      clock.now += HOUR;
      assert.equal((await costs()).length, 40, "keys that are few and far between");
      assert.deepEqual([...new Set(spent)].toSorted(), ["as a new one", "old"]);
    });
  });
}
