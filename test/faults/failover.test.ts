/**
 * A primary that is killed under load while another server, which had everything it had, takes its place: the URL names both.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import app, { Product } from "../../examples/shop/app.ts";
import { connect, type Database, defineStatement } from "../../src/db/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { type PostgresServer, startPostgres } from "../postgres.ts";
import { customersOf, tea } from "./customers.ts";
import { report, stopwatch } from "./report.ts";

describe("another server that takes the place of the one that was written to", () => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  let database: Database;
  let test: TestApp;
  before(async () => {
    const settings = { synchronous_commit: "on" };
    primary = await startPostgres({ settings });
    await primary.end("fast");
    const { hostname, port } = new URL(primary.url);
    standby = await startPostgres({
      settings: { ...settings, primary_conninfo: `host=${hostname} port=${port} user=postgres` },
      files: { "standby.signal": "" },
      copyOf: primary.data,
    });
    await primary.start();
    const admin = await connect(primary.url);
    // From here on a commit is told when both have it.
    await admin.run(defineStatement("ALTER SYSTEM SET synchronous_standby_names = '*'"));
    await admin.run(defineStatement("SELECT pg_reload_conf()"));
    await admin.close();
    const both = `postgres://postgres@${[primary, standby].map(({ url }) => new URL(url).host).join(",")}/postgres`;
    database = await connect(both, { connectTimeoutMs: 2000, statementTimeoutMs: 5000, maxConnections: 6 });
    test = await startTestApp(app, { url: both, database, drop: () => database.close() });
    await test.insert(Product, [tea]);
  });
  after(async () => {
    await test.stop();
    await standby.stop();
    await primary.stop();
  });

  it("is found by itself: 503 until it is there, then every order is there once", async (t) => {
    const { bearer } = await test.user("stacy", { is_staff: true });
    const customers = customersOf(test.client, bearer);
    const { answers, stop } = customers.begin(6);
    await answers(30, "taken");
    await primary.end("kill");
    await answers(18, "away");
    const admin = await connect(standby.url);
    assert.deepEqual(await admin.get(defineStatement("SELECT pg_is_in_recovery()", true)), [true]);
    await admin.run(defineStatement("SELECT pg_promote()"));
    await admin.close();
    const elapsed = stopwatch();
    await answers(1, "taken");
    const recovered = `an order taken ${elapsed()} ms after the other server took over`;
    await answers(30, "taken");
    await stop();
    await customers.check();
    report(t, { lost: "no order that was taken", recovered });
  });
});
