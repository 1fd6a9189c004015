/** Every list of the conformance app and of the examples asks the database as often for many rows as for one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import library from "../../examples/library/app.ts";
import shop from "../../examples/shop/app.ts";
import todo from "../../examples/todo/app.ts";
import { isQuery } from "../../src/db/index.ts";
import type { Model } from "../../src/model/index.ts";
import { createMaker } from "../../src/testing/maker.ts";
import { createOwners } from "../../src/testing/owners.ts";
import { serveTest } from "../../src/testing/test-app.ts";
import conformance from "../conformance/app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const MANY = 8;

const apps = { conformance, library, shop, todo };

/** What the declarations do not tell. */
const samples = {
  "bookshop.book": { isbn: (n: number) => String(1e12 + n) },
  "library.loan": { back_on: null },
};

for (const { name: database, create } of databases) {
  for (const [name, app] of Object.entries(apps)) {
    describe(`the statements of every list of ${name} on ${database}`, async () => {
      const counter = countStatements();
      const counts = new Map<string, { readonly statements: number; readonly rows: number }[]>();

      it("are counted with a row of each model, and with many", async () => {
        const test = await serveTest(app, await create(), { tables: "all", wrap: counter.wrap });
        try {
          const { models } = app;
          const admin = await test.user("admin", { is_staff: true, is_superuser: true });
          const made = new Map<Model, unknown[]>();
          const maker = createMaker({
            ...{ models, samples, owners: createOwners(models), executor: test.database },
            now: () => test.clock.now,
            async insert(model, values) {
              // Linked to whatever there is, so that what rows lead to is read, too.
              const links = Object.entries(model.fields).flatMap(([name, { kind }]) => {
                if (kind !== "manyToMany" && kind !== "foreignKey") return [];
                const keys = made.get(models.target(model, name)) ?? [];
                return [[name, kind === "manyToMany" ? keys : keys.at(-1)]];
              });
              const [key] = await test.insert(model, [{ ...Object.fromEntries(links), ...values }]);
              made.set(model, [...(made.get(model) ?? []), key]);
              return key;
            },
          });
          const tables = models.all.filter((model) => !isQuery(model) && !/^(auth|token_blacklist)\./.test(model.name));
          const addRows = async () => {
            for (const model of tables) await maker.row(model, admin.id);
          };
          const count = async () => {
            for (const [path, { expand }] of Object.entries(app.resources)) {
              const names = Object.keys(expand);
              for (const query of ["", ...(names.length > 0 ? [`&expand=${names.join()}`] : [])]) {
                const url = `${app.prefix}${path}/?page_size=100&limit=100${query}`;
                counter.count = 0;
                const { status, json, text } = await admin.client("GET", url);
                assert.equal(status, 200, `${url}: ${text}`);
                const rows = (json as { results: unknown[] }).results.length;
                counts.set(url, [...(counts.get(url) ?? []), { statements: counter.count, rows }]);
              }
            }
          };
          await addRows();
          await count();
          for (let i = 1; i < MANY; i++) await addRows();
          await count();
        } finally {
          await test.stop();
        }
      });

      it("are as many for many rows as for one", () => {
        assert.ok(counts.size >= Object.keys(app.resources).length);
        for (const [url, [few, many]] of counts) {
          assert.ok(few && many && few.statements > 0, url);
          if (!url.includes("users/"))
            assert.ok(few.rows >= 1 && many.rows > few.rows, `${url}: ${few.rows}, ${many.rows}`);
          assert.equal(many.statements, few.statements, url);
        }
      });
    });
  }
}
