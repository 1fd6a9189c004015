import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { connect, defineStatement } from "../../src/db/index.ts";
import { createProject, type TestProject } from "./project.ts";

describe("an account", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
    await project.run(["makemigrations"]);
    await project.run(["migrate"]);
  });
  after(() => project.remove());

  const accounts = async (sql: string): Promise<readonly unknown[]> => {
    const database = await connect(`sqlite:///${project.path("db.sqlite3")}`);
    try {
      return (await database.all(defineStatement(sql, true))).flat();
    } finally {
      await database.close();
    }
  };

  it("is made with a password from standard input, which is told to nobody", async () => {
    const { code, out, err } = await project.run(["createuser", "alice", "--email", "alice@example.com"], {
      input: "correct horse\n",
    });
    assert.deepEqual([code, out], [0, 'The account "alice" is made.\n']);
    assert.match(err, /^[^\n]*auth event[^\n]*user_created:1,by command[^\n]*\n$/);
    assert.doesNotMatch(err, /horse/);
    const sql = "SELECT username, email, is_staff, is_superuser, is_active, password LIKE '%correct%' FROM auth_user";
    assert.deepEqual(await accounts(sql), ["alice", "alice@example.com", 0, 0, 1, 0]);
  });

  it("may do everything where that is asked for", async () => {
    assert.equal(
      (await project.run(["createsuperuser", "root", "--password-stdin"], { input: "correct horse" })).code,
      0,
    );
    assert.deepEqual(await accounts("SELECT is_staff, is_superuser FROM auth_user WHERE username = 'root'"), [1, 1]);
  });

  it("is refused where the name is taken", async () => {
    const { code, err } = await project.run(["createuser", "alice"], { input: "another horse" });
    assert.deepEqual([code, err], [1, 'drf-auth: there is an account "alice" already\n']);
  });

  it("is refused with a short password, without repeating it", async () => {
    const { code, err } = await project.run(["createuser", "bob"], { input: "hors3\n" });
    assert.deepEqual(
      [code, err],
      [1, "drf-auth: the password is refused: Expected a password of at least 8 characters.\n"],
    );
    assert.deepEqual(await accounts("SELECT count(*) FROM auth_user WHERE username = 'bob'"), [0]);
  });

  it("is refused with a password that says its name or address", async () => {
    const words = ["createsuperuser", "bob", "--email", "robert@example.com"];
    const { code, err } = await project.run(words, { input: "robert@example\n" });
    assert.deepEqual(
      [code, err],
      [1, "drf-auth: the password is refused: The password is too similar to the e-mail address.\n"],
    );
  });

  it("is given another password, which is checked like the first", async () => {
    const before = await accounts("SELECT password FROM auth_user WHERE username = 'alice'");
    const change = (username: string, input: string) => project.run(["changepassword", username], { input });
    assert.deepEqual((await change("alice", "password1\n")).code, 1);
    assert.deepEqual((await change("nobody", "another horse\n")).err, 'drf-auth: there is no account "nobody"\n');
    assert.deepEqual(await accounts("SELECT password FROM auth_user WHERE username = 'alice'"), before);
    const { code, out, err } = await change("alice", "another horse\n");
    assert.deepEqual([code, out], [0, 'The account "alice" has another password.\n']);
    assert.match(err, /^[^\n]*auth event[^\n]*authn_password_change:1,by command[^\n]*\n$/);
    assert.notDeepEqual(await accounts("SELECT password FROM auth_user WHERE username = 'alice'"), before);
  });

  it("is rid of its second factor, which the app's hook is told, once", async () => {
    const source = `
import { defineApp } from "drf-auth";
export default defineApp({ resources: {}, secondFactor: true, onAuthEvent: ({ event }) => console.log("told", event) });
`;
    await project.write("second.ts", source);
    const reset = (name: string) => project.run(["resetsecondfactor", name, "--app", "second.ts"]);
    assert.equal((await reset("alice")).out, 'The account "alice" had none.\n');
    await accounts(
      "INSERT INTO drf_auth_second_factor (user_id, secret, last_step, confirmed_at) VALUES (1, 'x', 0, 0) RETURNING 1",
    );
    const { code, out } = await reset("alice");
    assert.equal(code, 0);
    assert.match(out, /told user_updated:1,second_factor,off,by command\n/);
    assert.match(out, /The account "alice" signs in by password again\./);
    assert.doesNotMatch((await reset("alice")).out, /told/);
    assert.deepEqual((await reset("nobody")).err, 'drf-auth: there is no account "nobody"\n');
  });

  it("is refused with a malformed name or address, each named", async () => {
    const { code, err } = await project.run(["createuser", "al ice", "--email", "nowhere"], { input: "correct horse" });
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: username: .* email: .*\n$/);
  });

  it("has no flag for its password", async () => {
    const { code, err } = await project.run(["createuser", "eve", "--password", "correct horse"]);
    assert.equal(code, 2);
    assert.doesNotMatch(err, /horse/);
  });

  it("has a secret key to sign with, which only the owner of the file may read", async () => {
    const file = project.path(".secret-key");
    assert.ok(existsSync(file));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it("needs a secret key that is set where the database is a server", async () => {
    const environment = { DATABASE_URL: "postgres://nobody:hidden@127.0.0.1:1/none" };
    const { code, err } = await project.run(["serve"], { environment });
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: SECRET_KEY: must be set with PostgreSQL.*randomBytes[^\n]*\n$/);
    assert.doesNotMatch(err, /hidden/);
  });
});
