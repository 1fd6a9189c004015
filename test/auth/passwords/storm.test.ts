import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineApp } from "../../../src/index.ts";
import { startTestApp } from "../../app.ts";
import { databases } from "../../databases.ts";

for (const { name, create } of databases) {
  describe(`many logins at once, ${name}`, () => {
    it("wait in a bounded queue, and other requests are answered meanwhile", async (t) => {
      // Of names that differ, from one address: what the lock-out lets through waits for its turn here.
      const settings = {
        ...{ passwordIterations: 300_000, passwordConcurrency: 1, passwordQueueSize: 10 },
        ...{ lockoutLimit: 0, lockoutUserLimit: 0, lockoutAddressLimit: 0 },
      };
      const { client, user, stop, faults } = await startTestApp(defineApp({ resources: {} }), await create(), {
        settings,
      });
      t.after(stop);
      await user("alice");
      const statuses: number[] = [];
      const login = async () => {
        const answer = await client("POST", "/api/token/", { json: { username: "nobody", password: "guess" } });
        statuses.push(answer.status);
        return answer;
      };
      const logins = Array.from({ length: 30 }, login);
      const refused = await Promise.race(logins);
      assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "5"]);

      assert.equal((await client("GET", "/api/v1/")).status, 200);
      assert.equal(statuses.filter((status) => status === 401).length < 11, true, "it did not wait for the logins");
      await Promise.all(logins);
      const counts = [401, 503].map((asked) => statuses.filter((status) => status === asked).length);
      // One is at work when the others come, and ten wait; one more may come when the first is done.
      assert.equal((counts[0] ?? 0) + (counts[1] ?? 0), 30);
      assert.ok((counts[0] ?? 0) >= 11 && (counts[1] ?? 0) >= 1, String(counts));
      assert.equal(
        (await client("POST", "/api/token/", { json: { username: "alice", password: "alice-pass" } })).status,
        200,
      );
      assert.equal(faults.length, counts[1]);
    });
  });
}
