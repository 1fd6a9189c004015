/** Tokens on four worker processes, two on each of two servers, which share nothing but the database. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { connect, type Database, defineStatement } from "../../src/db/index.ts";
import { createProject, type TestProject } from "../cli/project.ts";
import { databases } from "../databases.ts";

interface Answer {
  readonly status: number;
  readonly json: { readonly access: string; readonly refresh: string };
}

/** On a connection of its own: the system hands it to any of the workers. */
async function send(method: string, url: string, { json, token }: { json?: unknown; token?: string }): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = {
    ...(json !== undefined && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const sent = request(url, { method, headers, agent: false }, async (response) => {
    const body = await text(response);
    resolve({ status: response.statusCode ?? 0, json: body === "" ? {} : JSON.parse(body) });
  });
  sent.on("error", reject);
  sent.end(json === undefined ? undefined : JSON.stringify(json));
  return promise;
}

for (const { name, create } of databases) {
  describe(`four workers of two servers on ${name}`, () => {
    let project: TestProject;
    let started: (more?: Record<string, string>) => Promise<string>;
    let database: Database;
    let drop: () => Promise<void>;
    let urls: readonly string[] = [];
    const environment = (databaseUrl: string) => ({
      ...{ DATABASE_URL: databaseUrl, SECRET_KEY: "a secret of tests, thirty-two characters" },
      ...{ WEB_CONCURRENCY: "2", DATABASE_POOL_SIZE: "4" },
    });
    before(async () => {
      const own = await create();
      ({ drop } = own);
      database = await connect(own.url);
      project = await createProject(
        'import { defineApp } from "drf-auth";\nexport default defineApp({ resources: {} });\n',
      );
      await project.run(["migrate"], { environment: environment(own.url) });
      await project.run(["createuser", "alice"], { input: "correct horse", environment: environment(own.url) });
      started = async (more = {}) => {
        const server = project.start(["serve"], { ...environment(own.url), ...more });
        const [, address = ""] = await server.says(/"url":"([^"]+)"/);
        return address;
      };
      urls = [await started(), await started()];
    });
    after(async () => {
      await project.remove();
      await database.close();
      await drop();
    });

    let turn = 0;
    /** Of both servers in turn. */
    const ask = (method: string, path: string, sent: Parameters<typeof send>[2]) =>
      send(method, (urls[turn++ % urls.length] ?? "") + path, sent);
    const obtain = async () =>
      (await ask("POST", "/api/token/", { json: { username: "alice", password: "correct horse" } })).json;
    const refresh = (token: string) => ask("POST", "/api/token/refresh/", { json: { refresh: token } });
    const sessionOf = (token: string): string =>
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).jti.slice(0, 16);
    const many = async (count: number, once: () => Promise<Answer>) =>
      Promise.all(Array.from({ length: count }, () => once()));

    it("of a hundred refreshes at once one makes a token, and all get it", async () => {
      const first = await obtain();
      const answers = await many(100, () => refresh(first.refresh));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      const successors = new Set(answers.map(({ json }) => json.refresh));
      assert.equal(successors.size, 1);
      const members = await database.all(
        defineStatement(
          `select b.id is not null from token_blacklist_outstandingtoken o
           left join token_blacklist_blacklistedtoken b on b.token_id = o.id
           where substr(o.jti, 1, 16) = '${sessionOf(first.refresh)}' order by o.id`,
          true,
        ),
      );
      assert.deepEqual(
        members.map(([isListed]) => Boolean(isListed)),
        [true, false],
      );
    });

    it("where there is no window for it, one of a hundred refreshes wins", async () => {
      const strict = [await started({ REFRESH_GRACE_PERIOD: "0" }), await started({ REFRESH_GRACE_PERIOD: "0" })];
      const first = await obtain();
      const answers = await many(100, () =>
        send("POST", `${strict[turn++ % 2]}/api/token/refresh/`, { json: { refresh: first.refresh } }),
      );
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      assert.equal(answers.filter(({ status }) => status === 401).length, 99);
    });

    it("what is ended on one worker is refused by all of them, after what they remember has had its time", async () => {
      const [pair, other] = [await obtain(), await obtain()];
      const list = (token: string) => () => ask("GET", "/api/auth/sessions/", { token });
      const known = await many(40, list(pair.access));
      assert.deepEqual(new Set(known.map(({ status }) => status)), new Set([200]));
      const ended = await ask("DELETE", `/api/auth/sessions/${sessionOf(pair.access)}/`, { token: other.access });
      assert.equal(ended.status, 204);
      let isRefused = false;
      for (const end = Date.now() + 5000; !isRefused && Date.now() < end; ) {
        const answers = await many(40, list(pair.access));
        isRefused = answers.every(({ status }) => status === 401);
      }
      assert.ok(isRefused);
      assert.equal((await refresh(pair.refresh)).status, 401);
      assert.equal((await list(other.access)()).status, 200);
    });

    it("a password that is changed in the database ends every session", async () => {
      const pair = await obtain();
      const list = () => ask("GET", "/api/auth/sessions/", { token: pair.access });
      await many(40, list);
      await database.run(defineStatement("update auth_user set password = '!' where username = 'alice'"));
      let isRefused = false;
      for (const end = Date.now() + 5000; !isRefused && Date.now() < end; )
        isRefused = (await many(40, list)).every(({ status }) => status === 401);
      assert.ok(isRefused);
    });
  });
}
