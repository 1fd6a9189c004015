/** Transactions in code of one's own: what is kept, what follows it, and what others may do meanwhile. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import {
  Conflict,
  defineApp,
  endpoint,
  field,
  model,
  openProject,
  permission,
  resource,
  UniqueViolation,
  type Work,
} from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases, type TestDatabase } from "../databases.ts";

const Account = model("account", {
  fields: { name: field.text({ maxLength: 20, unique: true }), balance: field.integer({ default: 0 }) },
});

/** What the endpoint and the hook of the app do, set by each test. */
const code: {
  run: (work: Work) => Promise<unknown>;
  hook: (work: Work) => Promise<unknown>;
} = { run: async () => undefined, hook: async () => undefined };

const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {
    accounts: resource(Account, { permissions, hooks: { postSave: (work) => code.hook(work) } }),
  },
  endpoints: { code: endpoint({ permissions, methods: { POST: { run: (work) => code.run(work) } } }) },
});

for (const { name, create } of databases) {
  describe(`transactions, ${name}`, () => {
    let database: TestDatabase;
    let test: TestApp;
    const isSqlite = name === "SQLite";
    before(async () => {
      database = await create();
      test = await startTestApp(app, database);
    });
    beforeEach(async () => {
      await test.database.script("DELETE FROM account");
      code.hook = async () => undefined;
      test.faults.length = 0;
    });
    after(() => test.stop());

    const run = async (work: typeof code.run) => {
      code.run = work;
      return test.client("POST", "/api/v1/code/", { json: {} });
    };
    const names = async (): Promise<string> => {
      const { json } = await test.client("GET", "/api/v1/accounts/");
      return (json.results as { name: string }[]).map((row) => row.name).join();
    };

    describe("all or nothing", () => {
      it("keeps what was written, or with an error none of it", async () => {
        await run(({ transaction }) => transaction(({ table }) => table(Account).insert({ name: "kept" })));
        const { status } = await run(({ transaction }) =>
          transaction(async ({ table }) => {
            await table(Account).insert({ name: "lost" });
            throw new Conflict("No.");
          }),
        );
        assert.equal(status, 409);
        assert.equal(await names(), "kept");
      });

      it("an error caught outside of an inner transaction undoes that one alone", async () => {
        let caught: unknown;
        await run(({ transaction }) =>
          transaction(async ({ table, transaction }) => {
            await table(Account).insert({ name: "outer" });
            caught = await transaction(async ({ table, transaction }) => {
              await table(Account).insert({ name: "inner" });
              await transaction(({ table }) => table(Account).insert({ name: "innermost" }));
              await table(Account).insert({ name: "outer" });
            }).catch((error) => error);
            await table(Account).insert({ name: "later" });
          }),
        );
        assert.ok(caught instanceof UniqueViolation);
        assert.deepEqual(caught.columns, ["name"]);
        assert.equal(await names(), "outer,later");
      });

      it("a value that is taken is told to the client where nobody catches it", async () => {
        const { status, json } = await run(({ transaction }) =>
          transaction(async ({ table }) => {
            await table(Account).insert({ name: "twice" });
            await table(Account).insert({ name: "twice" });
          }),
        );
        assert.equal(status, 400);
        assert.deepEqual(Object.keys(json), ["name"]);
        assert.equal(await names(), "");
      });

      it("a hook's own transaction is a savepoint of the write", async () => {
        code.hook = async ({ table, transaction }) => {
          await transaction(async ({ table }) => {
            await table(Account).insert({ name: "log" });
            throw new Error("not this");
          }).catch(() => undefined);
          await table(Account).insert({ name: "beside" });
        };
        assert.equal((await test.client("POST", "/api/v1/accounts/", { json: { name: "mine" } })).status, 201);
        assert.equal(await names(), "mine,beside");
      });
    });

    describe("after the commit", () => {
      it("what waits for it is done in order, sees what was kept, and the answer waits for it", async () => {
        const done: string[] = [];
        await run(({ transaction }) =>
          transaction(async ({ table, transaction, afterCommit }) => {
            afterCommit(async ({ table }) => done.push(`first sees ${await table(Account).count()}`));
            await transaction(async ({ afterCommit }) => afterCommit(() => done.push("second")));
            afterCommit(() => done.push("third"));
            await table(Account).insert({ name: "a" });
            done.push("inside");
          }),
        );
        assert.deepEqual(done, ["inside", "first sees 1", "second", "third"]);
      });

      it("it is not done where the transaction, or the savepoint around it, is undone", async () => {
        const done: string[] = [];
        await run(({ transaction }) =>
          transaction(async ({ transaction, afterCommit }) => {
            await transaction(async ({ transaction, afterCommit }) => {
              await transaction(async ({ afterCommit }) => afterCommit(() => done.push("of an undone savepoint")));
              afterCommit(() => done.push("of an undone savepoint"));
              throw new Error("undo");
            }).catch(() => undefined);
            afterCommit(() => done.push("kept"));
          }),
        );
        await run(({ transaction }) =>
          transaction(async ({ afterCommit }) => {
            afterCommit(() => done.push("of an undone transaction"));
            throw new Conflict("No.");
          }),
        );
        assert.deepEqual(done, ["kept"]);
      });

      it("what it throws is logged, what follows is done, and the answer stands", async () => {
        const done: string[] = [];
        const { status } = await run(({ transaction }) =>
          transaction(async ({ table, afterCommit }) => {
            await table(Account).insert({ name: "stays" });
            afterCommit(() => Promise.reject(new Error("no mail today")));
            afterCommit(() => done.push("next"));
          }),
        );
        assert.equal(status, 204);
        assert.match(`${test.faults.splice(0)}`, /no mail today/);
        assert.deepEqual([await names(), ...done], ["stays", "next"]);
      });

      it("a hook has it as well, and outside of a transaction it is done at once", async () => {
        const done: string[] = [];
        code.hook = async ({ afterCommit }) =>
          afterCommit(async ({ table }) => done.push(`${await table(Account).count()}`));
        await test.client("POST", "/api/v1/accounts/", { json: { name: "hooked" } });
        await run(async ({ afterCommit }) => {
          await afterCommit(() => done.push("at once"));
          done.push("after");
        });
        assert.deepEqual(done, ["1", "at once", "after"]);
      });
    });

    describe("others meanwhile", () => {
      /** Lets the first attempts of two that run at once wait for each other; later ones go through. */
      const meeting = () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        let arrived = 0;
        return async (): Promise<void> => {
          arrived++;
          if (arrived === 2) resolve();
          if (arrived <= 2) await promise;
        };
      };
      const both = async (work: (which: 0 | 1) => (work: Work) => Promise<unknown>) => {
        let next = 0;
        code.run = (given) => work(next++ === 0 ? 0 : 1)(given);
        return Promise.all([0, 1].map(() => test.client("POST", "/api/v1/code/", { json: {} })));
      };

      it("serializable: of two that each rely on what the other changes, one is done again", async () => {
        await test.insert(Account, [
          { name: "a", balance: 60 },
          { name: "b", balance: 60 },
        ]);
        const meet = isSqlite ? async () => undefined : meeting();
        let attempts = 0;
        const answers = await both(
          (which) =>
            ({ transaction }) =>
              transaction(
                async ({ table }) => {
                  attempts++;
                  const rows = await table(Account).list();
                  await meet();
                  const total = rows.reduce((sum, { balance }) => sum + balance, 0);
                  if (total < 100) return "too little";
                  await table(Account).update(rows[which]?.id, { balance: 0 });
                  return "taken";
                },
                { isolation: "serializable" },
              ),
        );
        assert.deepEqual(answers.map(({ json }) => json).sort(), ["taken", "too little"]);
        assert.equal(attempts, isSqlite ? 2 : 3);
      });

      it("a deadlock: the one that is given up is done again, and its after-commit once", async () => {
        const [a, b] = (await test.insert(Account, [{ name: "a" }, { name: "b" }])) as [number, number];
        const meet = isSqlite ? async () => undefined : meeting();
        let [attempts, followed] = [0, 0];
        const answers = await both(
          (which) =>
            ({ transaction }) =>
              transaction(async ({ table, afterCommit }) => {
                attempts++;
                afterCommit(() => followed++);
                const [first, second] = which === 0 ? [a, b] : [b, a];
                for (const key of [first, second]) {
                  const row = await table(Account).lock(key);
                  if (key === first) await meet();
                  await table(Account).update(key, { balance: (row?.balance ?? 0) + 1 });
                }
              }),
        );
        assert.deepEqual(
          answers.map(({ status }) => status),
          [204, 204],
        );
        const { json } = await test.client("GET", "/api/v1/accounts/");
        assert.deepEqual(
          json.results.map((row: { balance: number }) => row.balance),
          [2, 2],
        );
        assert.deepEqual([attempts, followed], [isSqlite ? 2 : 3, 2]);
      });

      it("attempts: 1 leaves the conflict to the client, as a 503 that says when to come again", {
        skip: isSqlite,
      }, async () => {
        const keys = (await test.insert(Account, [{ name: "a" }, { name: "b" }])) as number[];
        const meet = meeting();
        const answers = await both(
          (which) =>
            ({ transaction }) =>
              transaction(
                async ({ table }) => {
                  await table(Account).list();
                  await meet();
                  await table(Account).update(keys[which], { balance: 1 });
                },
                { isolation: "serializable", attempts: 1 },
              ),
        );
        assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 503]);
        assert.ok(answers.find(({ status }) => status === 503)?.headers.get("retry-after"));
      });

      it("repeatable read: what another process writes is not seen until the end", async () => {
        const file = new URL("transactions-app.ts", import.meta.url).pathname;
        const other = await openProject(file, { environment: { DATABASE_URL: database.url } });
        const { json } = await run(({ transaction, table }) =>
          transaction(
            async (inside) => {
              const before = await inside.table(Account).count();
              await other.work(({ table }) => table(Account).insert({ name: "elsewhere" }));
              return [before, await inside.table(Account).count()];
            },
            { isolation: "repeatable read", readOnly: true },
          ).then(async (seen) => [...seen, await table(Account).count()]),
        );
        assert.deepEqual(json, [0, 0, 1]);
      });

      it("a transaction that only reads refuses to write", async () => {
        const { status } = await run(({ transaction }) =>
          transaction(({ table }) => table(Account).insert({ name: "no" }), { readOnly: true }),
        );
        assert.equal(status, 500);
        assert.match(`${test.faults.splice(0)}`, /read-only/);
        assert.equal(await names(), "");
      });

      it("and to lock, where there are locks", { skip: isSqlite }, async () => {
        await run(({ transaction }) => transaction(({ table }) => table(Account).lock(1), { readOnly: true }));
        assert.match(`${test.faults.splice(0)}`, /read-only/);
      });

      it("how a transaction is cannot be said within it", async () => {
        await run(({ transaction }) =>
          transaction(({ transaction }) => transaction(async () => undefined, { isolation: "serializable" })),
        );
        assert.match(`${test.faults.splice(0)}`, /where the outermost one begins/);
      });
    });

    it("a script has the same, with nobody as its user", async () => {
      const file = new URL("transactions-app.ts", import.meta.url).pathname;
      const project = await openProject(file, { environment: { DATABASE_URL: database.url } });
      const done: unknown[] = [];
      await project.work(({ transaction, user }) =>
        transaction(async ({ table, transaction, afterCommit }) => {
          afterCommit(() => done.push(user, "kept"));
          await table(Account).insert({ name: "import" });
          await transaction(async ({ table }) => {
            await table(Account).insert({ name: "undone" });
            throw new Error("undo");
          }).catch(() => undefined);
        }),
      );
      assert.equal(await names(), "import");
      assert.deepEqual(done, [undefined, "kept"]);
    });
  });
}
