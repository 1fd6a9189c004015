import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecondFactor } from "../../../src/auth/second-factor/second-factor.ts";
import { codeOf, stepAt } from "../../../src/auth/second-factor/totp.ts";
import { databases } from "../../databases.ts";

const old = "the secret key of last year, 32 chars";
const present = "the secret key of this year, 32 chars";

for (const { name, create } of databases) {
  describe(`second factors while SECRET_KEY is replaced, on ${name}`, () => {
    it("go on with the new key, once they were used while the old one was still known", async (t) => {
      const { database, drop } = await create();
      t.after(drop);
      const clock = { now: 1_700_000_000_000 };
      const start = (secretKey: string, fallbacks: readonly string[] = []) =>
        createSecondFactor({ database, now: () => clock.now, secretKey, fallbacks });
      const before = await start(old);
      const secret = (await before.begin(3)) ?? Buffer.alloc(0);
      const next = () => {
        clock.now += 30_000;
        return codeOf(secret, stepAt(clock.now));
      };
      const codes = (await before.confirm(3, next())) ?? [];
      const dropped = await start(present);
      assert.equal(await dropped.verify(3, next()), false, "nobody has signed in with both keys known");
      const both = await start(present, [old]);
      assert.equal(await both.verify(3, next()), true);
      assert.equal(await both.verify(3, codes[0] ?? ""), true);
      assert.equal(await dropped.verify(3, next()), true);
    });
  });
}
