/** What is done for a name and a password: the same work for a name that there is and one that there is not, none while locked. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AuthEvent, createAuthEvents, createLockout, LockedOut } from "../../src/auth/index.ts";
import { User } from "../../src/auth/models.ts";
import { createDecoys } from "../../src/auth/passwords/decoys.ts";
import { createPasswords } from "../../src/auth/passwords/passwords.ts";
import { createSignIn } from "../../src/auth/sign-in.ts";
import { createUsers } from "../../src/auth/users.ts";
import { silentLogger } from "../../src/config/index.ts";
import { Store } from "../../src/db/index.ts";
import { defineApp } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { requestOf } from "../browsable/site.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const app = defineApp({ resources: {} });

for (const { name, create } of databases) {
  describe(`a name and a password on ${name}`, () => {
    const start = async () => {
      const test = await startTestApp(app, await create());
      const counter = countStatements();
      const database = counter.wrap(test.database);
      const events: AuthEvent[] = [];
      const hashed = { count: 0 };
      const real = createPasswords({
        ...{ preferred: "pbkdf2_sha256", parameters: { pbkdf2_sha256: { iterations: 1 } }, maxConcurrent: 2 },
      });
      const counted =
        <P extends readonly unknown[], R>(work: (...given: P) => R) =>
        (...given: P): R => {
          hashed.count++;
          return work(...given);
        };
      const passwords = { ...real, verify: counted(real.verify), waste: counted(real.waste) };
      const settings = {
        secretKey: "a secret of tests, thirty-two characters",
        ...{ lockoutLimit: 3, lockoutUserLimit: 100, lockoutAddressLimit: 100 },
        ...{ lockoutDelaySeconds: 30, lockoutMaxDelaySeconds: 60, lockoutWindowSeconds: 600 },
      };
      const now = (): number => test.clock.now;
      const decoys = createDecoys({ database: test.database, secretKey: settings.secretKey, now });
      const users = createUsers(database, new Store(User, app.models, database.dialect), passwords, now, { decoys });
      const lockout = await createLockout({ settings, database, now });
      const signIn = createSignIn({
        users,
        lockout,
        events: createAuthEvents({ log: silentLogger, hook: (event) => events.push(event), now }),
      });
      await users.create({ username: "alice", password: "alice-pass" });
      await users.create({ username: "nobody-can", password: null });
      const request = requestOf({ path: "/api/token/" });
      /** How many passwords were hashed and statements run for it, and whether it was refused unseen. */
      const costOf = async (username: string, password: string) => {
        hashed.count = 0;
        counter.count = 0;
        const isLocked = await signIn(request, "token", username, password).then(
          () => false,
          (error: unknown) => error instanceof LockedOut,
        );
        return { hashes: hashed.count, statements: counter.count, isLocked };
      };
      return { ...test, costOf, events, digest: lockout.nameDigest };
    };

    it("costs the same whether there is such an account, whether it has a password, or not", async () => {
      const { costOf, stop } = await start();
      const known = await costOf("alice", "wrong");
      assert.equal(known.hashes, 1);
      for (const other of ["nobody", "nobody-can", "Alice", "é".repeat(9999)])
        assert.deepEqual(await costOf(other, "wrong"), known, other);
      await stop();
    });

    it("is locked alike, and then costs one read and no hash, right or wrong", async () => {
      const { costOf, stop } = await start();
      const refusals: unknown[] = [];
      for (const username of ["alice", "nobody"]) {
        for (let i = 0; i < 3; i++) assert.equal((await costOf(username, "wrong")).isLocked, false);
        refusals.push(await costOf(username, "wrong"), await costOf(username, `${username}-pass`));
      }
      assert.deepEqual(refusals, Array(4).fill({ hashes: 0, statements: 1, isLocked: true }));
      await stop();
    });

    it("is told to the audit log, with the name only of an account", async () => {
      const { costOf, events, clock, digest, stop } = await start();
      for (let i = 0; i < 4; i++) await costOf("alice", "wrong");
      clock.now += 30_000;
      await costOf("alice", "alice-pass");
      await costOf("alice", "alice-pass");
      await costOf("my-password", "x");
      assert.deepEqual(
        events.map(({ event }) => event),
        [
          ...["authn_login_fail:1", "authn_login_fail:1", "authn_login_fail:1", "authn_login_lock:1,maxretries"],
          `authn_login_fail_max:${digest("alice")}`,
          "authn_login_successafterfail:1,3",
          "authn_login_success:1",
          `authn_login_fail:${digest("my-password")}`,
        ],
      );
      assert.doesNotMatch(JSON.stringify(events), /my-password|alice-pass|wrong/);
      assert.deepEqual(
        new Set(events.map(({ nameDigest }) => nameDigest)),
        new Set([digest("alice"), digest("my-password")]),
      );
      await stop();
    });
  });
}
