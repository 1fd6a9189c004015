/** `/readyz` by itself: what its checks find, and how often they are asked. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { createHealth, type HealthOptions } from "../../src/server/health.ts";

async function start(t: TestContext, options: Omit<HealthOptions, "scrape">) {
  const health = createHealth({ ...options, scrape: async () => "drf_auth_workers 1\n" });
  const server = createServer((request, response) => {
    if (!health.answer(request, response)) response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const get = async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  return { health, get };
}

describe("/readyz", () => {
  it("says 503 and what is wrong, in a few words, while the database is away, and 200 when it is back", async (t) => {
    let isAway = true;
    let at = 0;
    const { get } = await start(t, {
      now: () => at,
      checks: {
        async database() {
          if (isAway) throw new Error("connection to 10.0.0.7 as app refused");
          return undefined;
        },
        disk: async () => "nearly full",
      },
    });
    const away = await get("/readyz");
    assert.equal(away.status, 503);
    assert.deepEqual(JSON.parse(away.body), {
      status: "not ready",
      checks: { database: "fails", disk: "nearly full" },
    });
    isAway = false;
    at += 1_500;
    assert.equal(JSON.parse((await get("/readyz")).body).checks.database, "ok");
  });

  it("does not wait for ever", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const asked = Promise.withResolvers<void>();
    const { get } = await start(t, {
      checks: {
        database: () => {
          asked.resolve();
          return new Promise(() => {});
        },
      },
    });
    const answer = get("/readyz");
    await asked.promise;
    t.mock.timers.tick(3_000);
    assert.deepEqual(JSON.parse((await answer).body).checks, { database: "takes too long" });
  });

  it("asks once a second, however many ask it", async (t) => {
    let asked = 0;
    let at = 0;
    const { get } = await start(t, {
      now: () => at,
      checks: {
        async database() {
          asked++;
          return undefined;
        },
      },
    });
    await Promise.all(Array.from({ length: 20 }, () => get("/readyz")));
    assert.equal(asked, 1);
    at += 1_001;
    await get("/readyz");
    assert.equal(asked, 2);
  });

  it("says that the server stops, whatever the checks find", async (t) => {
    const { get, health } = await start(t, { checks: { database: async () => undefined } });
    health.leave();
    const { status, body, headers } = await get("/readyz");
    assert.deepEqual([status, JSON.parse(body).status, headers.get("cache-control")], [503, "stopping", "no-store"]);
    assert.equal((await get("/livez")).status, 200);
  });
});

describe("/livez and /metrics", () => {
  it("answer HEAD without a body, and nothing but GET and HEAD", async (t) => {
    const { get } = await start(t, { mayScrape: () => true });
    assert.deepEqual([(await get("/livez", "HEAD")).status, (await get("/livez", "HEAD")).body], [200, ""]);
    const { status, headers } = await get("/metrics", "POST");
    assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD"]);
    assert.equal((await get("/metrics")).body, "drf_auth_workers 1\n");
  });

  it("are paths of their own and nothing that begins like them", async (t) => {
    const { get } = await start(t, {});
    for (const path of ["/livez/", "/readyzz", "/metrics"]) assert.equal((await get(path)).status, 404, path);
  });
});
