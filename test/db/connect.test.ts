import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { connect } from "../../src/db/index.ts";

describe("DATABASE_URL", () => {
  it("an SQLite path may be absolute, relative, encoded or in memory", async () => {
    const directory = await mkdtemp(join(tmpdir(), "drf-auth-connect-"));
    const urls = {
      [`sqlite:///${join(directory, "absolute")}`]: "absolute",
      [`sqlite:///${relative(process.cwd(), join(directory, "relative"))}`]: "relative",
      [`sqlite:///${join(directory, "with%20space")}`]: "with space",
    };
    for (const [url, file] of Object.entries(urls)) {
      await (await connect(url)).close();
      assert.ok((await stat(join(directory, file))).isFile());
    }
    for (const url of ["sqlite://:memory:", "sqlite:///:memory:"]) await (await connect(url)).close();
    await rm(directory, { recursive: true });
  });

  it("PostgreSQL has two spellings, and is not connected to until it is used", async () => {
    for (const scheme of ["postgres", "postgresql"]) {
      const database = await connect(`${scheme}://app:secret@127.0.0.1:9/app`);
      assert.equal(database.dialect, "postgres");
      await database.close();
    }
  });

  for (const url of [
    "",
    "db.sqlite3",
    "mysql://app:hunter2@127.0.0.1/app",
    "sqlite://db.sqlite3",
    "sqlite:///",
    "sqlite:///db.sqlite3?password=hunter2",
    "app:hunter2@127.0.0.1",
    "postgres://app:hunter2@127.0.0.1:port/app",
  ]) {
    it(`"${url.replaceAll("hunter2", "…")}" is refused with the accepted forms and without the password`, async () => {
      await assert.rejects(connect(url), (error: Error) => {
        assert.equal(error.name, "ConfigurationError");
        assert.match(error.message, /^DATABASE_URL: expected sqlite:\/\/\/.* or postgres:\/\//);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }
});
