/** Backups on a schedule: one when it is due, whoever asks, checked and under its name when it is whole; the clock is the test's. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { type LogFields, type Logger, silentLogger } from "../../src/config/index.ts";
import { checkSqlite, connect, type Database } from "../../src/db/index.ts";
import { type Backups, createBackups, prepareBackups } from "../../src/project/backups.ts";
import { createProject } from "../cli/project.ts";

const root = await mkdtemp(join(tmpdir(), "drf-auth-backups-"));
after(() => rm(root, { recursive: true }));

const DAY = 86_400_000;
const clock = { now: 0 };
let folder = "";
let databaseUrl = "";
let database: Database;
let other: Database;
const logged: LogFields[] = [];
const log: Logger = {
  ...silentLogger,
  info: (message, fields) => logged.push({ message, ...fields }),
  error: (message, fields) => logged.push({ message, ...fields }),
};
const messages = () => logged.splice(0).map(({ message }) => message);
const copies = async () => (await readdir(folder)).sort();
const backups = (on = database, asked: object = {}): Backups => {
  const settings = { backupDirectory: folder, backupEverySeconds: DAY / 1000, backupKeep: 2, databaseUrl, ...asked };
  const made = createBackups({ settings, database: on, log, now: () => clock.now });
  assert.ok(made);
  return made;
};

beforeEach(async () => {
  clock.now = Date.UTC(2024, 5, 1, 12);
  logged.length = 0;
  const home = await mkdtemp(join(root, "one-"));
  folder = join(home, "copies");
  databaseUrl = `sqlite:///${join(home, "db.sqlite3")}`;
  [database, other] = [await connect(databaseUrl), await connect(databaseUrl)];
  await database.script("CREATE TABLE snack (name text); INSERT INTO snack VALUES ('nuts')");
  await prepareBackups({ backupDirectory: folder, backupEverySeconds: 1, backupKeep: 1, databaseUrl });
});
afterEach(async () => {
  await database.close();
  await other.close();
});

describe("backups on a schedule", () => {
  it("are made when the newest is old enough, also after a restart, and the oldest go", async () => {
    const worker = backups();
    const first = (await worker.round()) ?? "";
    assert.equal(first, join(folder, "db-20240601T120000Z.sqlite3"));
    checkSqlite(first);
    const copy = new DatabaseSync(first);
    assert.deepEqual({ ...copy.prepare("SELECT name FROM snack").get() }, { name: "nuts" });
    copy.close();
    assert.deepEqual(messages(), ["a backup was made"]);
    assert.deepEqual(worker.measure(), [{ name: "drf_auth_backup_time_seconds", value: clock.now / 1000 }]);

    clock.now += DAY - 1000;
    assert.equal(await worker.round(), undefined);
    assert.equal(await backups(other).round(), undefined);
    for (let day = 0; day < 2; day++) {
      clock.now += DAY;
      assert.ok(await backups(day % 2 ? other : database).round());
    }
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.deepEqual(await copies(), ["db-20240603T115959Z.sqlite3", "db-20240604T115959Z.sqlite3"]);
  });

  it("of workers that ask at once, one makes it", async () => {
    const made = await Promise.all([backups().round(), backups(other).round()]);
    assert.equal(made.filter((path) => path !== undefined).length, 1);
    assert.equal((await copies()).length, 1);
  });

  it("what failed is logged with the newest there is, and tried again after ten minutes", async () => {
    await backups().round();
    messages();
    clock.now += DAY;
    const broken = backups(database, { databaseUrl: `sqlite:///${join(root, "nowhere", "db.sqlite3")}` });
    assert.equal(await broken.round(), undefined);
    const [failure] = logged.splice(0);
    assert.equal(failure?.message, "a backup failed");
    assert.match(String(failure?.error), /no such file/);
    assert.equal(failure?.newest, "2024-06-01T12:00:00.000Z");
    assert.equal(await backups().round(), undefined);
    assert.deepEqual([messages(), (await copies()).length], [[], 1]);
    clock.now += 600_000;
    assert.ok(await backups().round());
    assert.equal((await copies()).length, 2);
  });

  it("what a copy that was given up has left goes, and files of others stay", async () => {
    for (const name of [
      "db-20240101T000000Z.sqlite3.partial",
      "db-20240101T000000Z.sqlite3.partial-wal",
      "db-monday.sqlite3",
      "notes",
    ])
      await writeFile(join(folder, name), "");
    await backups(database, { backupKeep: 1 }).round();
    assert.deepEqual(await copies(), ["db-20240601T120000Z.sqlite3", "db-monday.sqlite3", "notes"]);
  });

  it("a folder that is gone is an error in the log, and no end of the worker", async () => {
    await rm(folder, { recursive: true });
    assert.equal(await backups().round(), undefined);
    assert.deepEqual(messages(), ["a backup failed"]);
    assert.deepEqual(backups().measure(), []);
  });

  it("none are made where no folder is set", () => {
    const settings = { backupDirectory: "", backupEverySeconds: 60, backupKeep: 1, databaseUrl };
    assert.equal(createBackups({ settings, database, log, now: () => clock.now }), undefined);
  });
});

it("a server makes them; on PostgreSQL it does not start, and says what to use", async () => {
  const project = await createProject();
  const environment = { DATABASE_URL: "sqlite:///db.sqlite3", BACKUP_DIRECTORY: "copies", WEB_CONCURRENCY: "1" };
  await project.run(["migrate"], { environment });
  const server = project.start(["serve"], environment);
  await server.says(/a backup was made.*copies\/db-\d{8}T\d{6}Z\.sqlite3/);
  assert.equal((await server.stop()).code, 0);
  const refused = await project.run(["serve"], {
    environment: { ...environment, DATABASE_URL: "postgres://127.0.0.1:1/app" },
  });
  assert.equal(refused.code === 0, false);
  assert.match(refused.err, /BACKUP_DIRECTORY.*pg_dump.*pg_basebackup/s);
  await project.remove();
});
