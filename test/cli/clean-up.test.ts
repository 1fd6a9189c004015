import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { connect, type Database, defineStatement } from "../../src/db/index.ts";
import { createProject, type TestProject } from "./project.ts";

let project: TestProject;
let database: Database;
beforeEach(async () => {
  project = await createProject(
    'import { defineApp } from "drf-auth";\nexport default defineApp({ resources: {} });\n',
  );
  await project.run(["migrate"], { environment });
  database = await connect(`sqlite:///${project.path("test.sqlite3")}`);
  for (let i = 0; i < 3; i++) {
    const at = "'2001-01-01 00:00:00'";
    await run(
      `insert into token_blacklist_outstandingtoken (token, jti, created_at, expires_at) values ('t', 'j${i}', ${at}, ${at})`,
    );
    await run(`insert into django_session (session_key, session_data, expire_date) values ('s${i}', '', ${at})`);
  }
});
afterEach(async () => {
  await database.close();
  await project.remove();
});

const environment = { DATABASE_URL: "sqlite:///test.sqlite3" };
const run = async (sql: string) => database.run(defineStatement(sql));
const count = async (table: string): Promise<number> =>
  Number((await database.all(defineStatement(`select count(*) from ${table}`, true)))[0]?.[0]);

describe("expired rows", () => {
  it("go by command: tokens by the one, sessions of browsers by the other", async () => {
    const tokens = await project.run(["flushexpiredtokens"], { environment });
    assert.deepEqual([tokens.code, tokens.out], [0, "3 rows removed\n"]);
    assert.deepEqual([await count("token_blacklist_outstandingtoken"), await count("django_session")], [0, 3]);
    const sessions = await project.run(["clearsessions"], { environment });
    assert.deepEqual([sessions.code, sessions.out], [0, "3 rows removed\n"]);
    assert.equal(await count("django_session"), 0);
  });

  it("go by themselves where a server runs, and it ends well", async () => {
    const server = project.start(["serve"], { ...environment, CLEAN_UP_INTERVAL: "1s", WEB_CONCURRENCY: "2" });
    await server.says(/expired rows were removed.*"rows":6/);
    assert.deepEqual([await count("token_blacklist_outstandingtoken"), await count("django_session")], [0, 0]);
    assert.equal((await server.stop()).code, 0);
  });

  it("stay where nobody is to remove them", async () => {
    const server = project.start(["serve"], { ...environment, CLEAN_UP_INTERVAL: "0" });
    await server.says(/"url"/);
    assert.equal((await server.stop()).code, 0);
    assert.equal(await count("django_session"), 3);
  });
});
