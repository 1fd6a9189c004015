/** A copy is whole and of one moment while others write, and takes the place of a database only if it is sound and alone. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, beforeEach, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import {
  BackupDamaged,
  BackupRefused,
  backUpSqlite,
  connect,
  DatabaseUnavailable,
  defineStatement,
  restoreSqlite,
} from "../../src/db/index.ts";

const folder = await mkdtemp(join(tmpdir(), "drf-auth-backup-"));
after(() => rm(folder, { recursive: true }));
let number = 0;
let file = "";
let copy = "";

/** Two tables that a transaction writes together: the sum of both is always 0. */
async function fill(rows = 20_000): Promise<void> {
  const database = await connect(`sqlite:///${file}`);
  await database.script(
    `CREATE TABLE a (id integer PRIMARY KEY, n integer, filler text); CREATE TABLE b (id integer PRIMARY KEY, n integer);
     INSERT INTO b VALUES (1, 0);
     WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < ${rows}) INSERT INTO a SELECT i, 0, hex(randomblob(200)) FROM r`,
  );
  await database.close();
}

const sums = (path: string): unknown => {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT (SELECT sum(n) FROM a) AS a, (SELECT n FROM b) AS b").get();
  database.close();
  return row && { ...row };
};
const set = (path: string, value: number): void => {
  const database = new DatabaseSync(path);
  database.exec(`UPDATE b SET n = ${value}`);
  database.close();
};

beforeEach(() => {
  number++;
  [file, copy] = [join(folder, `${number}.sqlite3`), join(folder, `${number}.copy`)];
});

describe("a backup", () => {
  it("is of one moment, although somebody writes all the time", async () => {
    await fill();
    const writer = new Worker(
      `const { DatabaseSync } = require("node:sqlite"); const { parentPort, workerData } = require("node:worker_threads");
       const d = new DatabaseSync(workerData, { timeout: 5000 }); let n = 0; let stop = false;
       parentPort.on("message", () => { stop = true; });
       const write = () => { n++; d.exec("BEGIN IMMEDIATE; UPDATE a SET n = n + 1 WHERE id = " + (1 + (n * 7919) % 20000) + "; UPDATE b SET n = n - 1; COMMIT");
         if (n === 1) parentPort.postMessage("writing"); if (stop) { d.close(); parentPort.postMessage(n); parentPort.close(); } else setImmediate(write); };
       write();`,
      { eval: true, workerData: file },
    );
    const said = (): Promise<unknown> => new Promise((resolve) => writer.once("message", resolve));
    await said();
    const totals: number[] = [];
    let lastPages = 0;
    await backUpSqlite(file, copy, {
      pagesAtOnce: 20,
      onProgress: (done, total) => {
        assert.ok(done >= lastPages, "it never begins anew");
        lastPages = done;
        totals.push(total);
      },
    });
    const end = said();
    writer.postMessage("stop");
    const writes = Number(await end);
    assert.equal(new Set(totals).size, 1);
    const found = sums(copy);
    assert.ok(typeof found === "object" && found !== null && "a" in found && "b" in found);
    assert.equal(Number(found.a) + Number(found.b), 0, "no half of a transaction");
    assert.ok(Number(found.a) > 0 && Number(found.a) <= writes);
    assert.equal(existsSync(`${copy}-wal`), false, "one file");
  });

  it("is never written over another file", async () => {
    await fill(1);
    await writeFile(copy, "precious");
    await assert.rejects(backUpSqlite(file, copy), BackupRefused);
    assert.equal(await readFile(copy, "utf8"), "precious");
  });

  it("of a damaged file is none, and leaves nothing behind", async () => {
    await fill(2000);
    const bytes = await readFile(file);
    bytes.fill(0xff, 4096 * 5, 4096 * 40);
    await writeFile(file, bytes);
    await assert.rejects(backUpSqlite(file, copy), BackupDamaged);
    assert.deepEqual([existsSync(copy), existsSync(`${copy}.partial`)], [false, false]);
  });

  it("of a file that is not there, or is no database, says so", async () => {
    await assert.rejects(backUpSqlite(file, copy), DatabaseUnavailable);
    await writeFile(file, "text, and not little of it; longer than a header of one hundred bytes".repeat(9));
    await assert.rejects(backUpSqlite(file, copy), DatabaseUnavailable);
  });
});

describe("restoring", () => {
  it("brings back what was there, and a server works with it", async () => {
    await fill(10);
    await backUpSqlite(file, copy);
    set(file, 5);
    await restoreSqlite(copy, file, { replace: true });
    assert.deepEqual(sums(file), { a: 0, b: 0 });
    const database = await connect(`sqlite:///${file}`);
    await database.run(defineStatement("UPDATE b SET n = 1"));
    await database.close();
    assert.deepEqual(sums(copy), { a: 0, b: 0 }, "the copy is as it was");
  });

  it("replaces a database only where that is asked for", async () => {
    await fill(1);
    await backUpSqlite(file, copy);
    await assert.rejects(restoreSqlite(copy, file), /--replace/);
  });

  it("waits for nobody: a database that somebody has open stays", async () => {
    await fill(1);
    await backUpSqlite(file, copy);
    set(file, 5);
    const server = await connect(`sqlite:///${file}`);
    await server.all(defineStatement("SELECT 1 FROM a", true));
    await assert.rejects(
      restoreSqlite(copy, file, { replace: true }),
      (error) => error instanceof BackupRefused && /open; stop/.test(error.message),
    );
    assert.deepEqual(await server.get(defineStatement("SELECT n FROM b", true)), [5]);
    await server.close();
    await restoreSqlite(copy, file, { replace: true });
    assert.deepEqual(sums(file), { a: 0, b: 0 });
  });

  it("refuses what is damaged, and the database stays", async () => {
    await fill(2000);
    await backUpSqlite(file, copy);
    const bytes = await readFile(copy);
    bytes.fill(0xff, 4096 * 5, 4096 * 40);
    await writeFile(copy, bytes);
    await assert.rejects(restoreSqlite(copy, file, { replace: true }), BackupDamaged);
    assert.deepEqual(sums(file), { a: 0, b: 0 });
  });

  it("refuses a file that is in use, of which a part is in its log", async () => {
    await fill(1);
    const server = await connect(`sqlite:///${file}`);
    await assert.rejects(restoreSqlite(file, copy), /-wal/);
    await server.close();
  });
});
