/**
 * A server is driven through every way of signing in with secrets that are marked, and through what goes wrong on them: no mark is
 * ever found in its output, in an event of its audit log, or in the body of a refusal.
 */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { createProject, type Finished } from "../cli/project.ts";
import { databases } from "../databases.ts";
import { type Answer, clientOf, sendRaw } from "../http-client.ts";
import { openWire } from "../wire.ts";

const source = `
import { defineApp, endpoint, field, model, permission, resource } from "drf-auth";

const Snack = model("snack", { fields: { name: field.text({ maxLength: 64, unique: true }), owner: field.owner() } });
const broken = endpoint({
  methods: { POST: { input: { password: field.text() }, run: () => { throw new Error("it is broken"); } } },
});
const me = endpoint({
  permissions: [permission.authenticated()],
  methods: { GET: { run: ({ user }) => ({ name: user?.username }) } },
});

export default defineApp({
  resources: { snacks: resource(Snack, { permissions: [permission.admin()] }) },
  endpoints: { broken, me },
  onAuthEvent: (event) => console.log("hook", JSON.stringify(event)),
});
`;

const mark = (what: string): string => `canary-${what}-${crypto.randomUUID().slice(0, 8)}`;

describe("secrets", () => {
  const ends: (() => Promise<unknown>)[] = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  for (const format of ["json", "readable"])
    it(`are in no line of a ${format} log, in no event, and in no refusal`, async () => {
      const own = await databases[1]?.create();
      assert.ok(own?.url !== undefined);
      ends.push(own.drop);
      const secrets = {
        password: mark("password"),
        wrong: mark("wrong"),
        key: `${mark("key")}-of-thirty-two-characters`,
        fallback: `${mark("fallback")}-of-thirty-two-characters`,
        database: mark("database"),
        query: mark("query"),
      };
      const typed = mark("typed-as-name");
      /** Looked for in the logs alone: a form shows again what was typed into it, and a page keeps its CSRF cookie. */
      const shown = new Set([typed]);
      const marks = new Set<string>(Object.values(secrets));

      const wire = await openWire(own.url);
      ends.push(async () => wire.close());
      const url = new URL(wire.url);
      url.password = secrets.database;
      const project = await createProject(source);
      ends.push(() => project.remove());
      const environment = {
        DATABASE_URL: url.href,
        SECRET_KEY: secrets.key,
        SECRET_KEY_FALLBACKS: secrets.fallback,
        REFRESH_GRACE_PERIOD: "0",
        LOG_LEVEL: "debug",
        LOG_FORMAT: format,
        ACCESS_LOG: format,
      };
      const finished: Finished[] = [];
      for (const words of [["makemigrations"], ["migrate"], ["settings"], ["routes"]])
        finished.push(await project.run(words, { environment }));
      finished.push(await project.run(["createuser", "alice"], { environment, input: secrets.password }));
      const running = project.start(["serve"], environment);
      const [base] = await running.says(/http:\/\/127\.0\.0\.1:\d+/);
      const client = clientOf(base);

      let refusals = 0;
      const check = (answer: Answer): Answer => {
        if (answer.status < 400) return answer;
        refusals++;
        const head = [...answer.headers].join("\n");
        for (const secret of marks) assert.ok(!`${answer.text}\n${head}`.includes(secret), `${secret}: ${answer.text}`);
        return answer;
      };
      const send = async (path: string, json: unknown, headers = {}) =>
        check(await client("POST", path, { json, headers }));
      const get = async (path: string, headers = {}) => check(await client("GET", path, { headers }));
      const form = async (path: string, fields: Record<string, string>, cookie: string) =>
        check(
          await client("POST", path, {
            body: new URLSearchParams(fields).toString(),
            headers: { accept: "text/html", "content-type": "application/x-www-form-urlencoded", cookie },
          }),
        );
      const basic = (name: string, password: string) => {
        const pair = Buffer.from(`${name}:${password}`).toString("base64");
        marks.add(pair);
        return get("/api/v1/me/", { authorization: `Basic ${pair}` });
      };
      const username = "alice";
      const { password, wrong } = secrets;

      // Tokens
      const { json: pair } = await send("/api/token/", { username, password });
      for (const token of [pair.access, pair.refresh]) for (const part of token.split(".").slice(1)) marks.add(part);
      const { json: next } = await send("/api/token/refresh/", { refresh: pair.refresh });
      for (const part of next.refresh.split(".").slice(1)) marks.add(part);
      const access = { authorization: `Bearer ${pair.access}` };
      assert.equal((await get("/api/v1/me/", access)).status, 200);
      assert.equal((await get(`/api/v1/snacks/?token=${secrets.query}`, access)).status, 403);
      for (const header of [
        `Bearer ${pair.access}x`,
        `Bearer ${pair.access} ${wrong}`,
        `Bearer ${wrong}`,
        `Basic ${wrong}`,
      ])
        assert.equal((await get("/api/v1/me/", { authorization: header })).status, 401);
      for (const path of ["refresh", "blacklist", "verify"])
        for (const token of [pair.refresh, `${pair.refresh}x`, wrong, { token: wrong }, null])
          await send(`/api/token/${path}/`, { refresh: token, token });
      await send("/api/token/blacklist/", { refresh: next.refresh });
      await send("/api/token/", { username, password: wrong });
      await send("/api/token/", { username: typed, password });
      await send("/api/token/", { username: [password], password: { wrong } });
      for (const body of [`{"password": "${password}",`, `username=alice&password=${password}`, `[${password}]`])
        for (const type of ["application/json", "text/plain", "multipart/form-data; boundary=x"])
          check(await client("POST", "/api/token/", { body, headers: { "content-type": type } }));
      // The login page
      const page = await client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
      const cookieOf = (answer: Answer, name: string): string =>
        answer.headers.getSetCookie().flatMap((line) => new RegExp(`^${name}=(\\w+)`).exec(line)?.[1] ?? [])[0] ?? "";
      const csrftoken = cookieOf(page, "csrftoken");
      const fields = { username, password, csrfmiddlewaretoken: csrftoken };
      const session = await form(
        "/api-auth/login/",
        { ...fields, next: `/?${secrets.query}` },
        `csrftoken=${csrftoken}`,
      );
      assert.equal(session.status, 302);
      const key = cookieOf(session, "sessionid");
      assert.match(key, /^\w{32}$/);
      marks.add(key);
      shown.add(csrftoken).add(cookieOf(session, "csrftoken"));
      const cookie = `sessionid=${key}`;
      assert.equal((await get("/api/v1/me/", { cookie })).status, 200);
      await send("/api/v1/snacks/", { name: password }, { cookie });
      await form("/api-auth/login/", { ...fields, csrfmiddlewaretoken: "x" }, `csrftoken=${csrftoken}`);
      await form("/api-auth/login/", { ...fields, username: typed, password: wrong }, `csrftoken=${csrftoken}`);
      await get("/api-auth/logout/", { cookie, accept: "text/html" });
      await get("/api/v1/me/", { cookie });
      // Basic
      assert.equal((await basic(username, password)).status, 200);
      await basic(username, wrong);
      await basic(typed, wrong);
      await basic(`${username}\r\n${wrong}`, wrong);
      // What is broken: our own code, HTTP, the database
      const fresh = (await send("/api/token/", { username, password })).json;
      for (const token of [fresh.access, fresh.refresh]) for (const part of token.split(".").slice(1)) marks.add(part);
      const signedIn = { authorization: `Bearer ${fresh.access}` };
      const fault = await send("/api/v1/broken/", { password }, signedIn);
      assert.equal(fault.status, 500);
      await sendRaw(base, `GET http://alice:${password}@x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await sendRaw(base, `GET / HTTP/1.1\r\nAuthorization: Basic ${wrong}\r\nbroken ${password}\r\n\r\n`);
      wire.cut();
      assert.equal((await send("/api/token/", { username, password })).status, 503);
      await get("/api/v1/me/", signedIn);
      await basic(username, password);
      await get("/api/v1/me/", { cookie });
      wire.mend();
      // Until it is locked
      let last = 0;
      for (let i = 0; i < 9; i++) last = (await send("/api/token/", { username, password: wrong })).status;
      assert.equal(last, 429);

      finished.push(await running.stop());
      // What cannot start says why, and not with what
      wire.cut();
      const starting = [
        { words: ["migrate"], change: {} },
        { words: ["serve"], change: { DATABASE_URL: `postgres://alice:${secrets.database}@[::1/x` } },
        { words: ["serve"], change: { DATABASE_URL: `mysql://alice:${secrets.database}@x/y` } },
        { words: ["serve"], change: { SECRET_KEY: secrets.wrong } },
      ];
      const failed = await Promise.all(
        starting.map(({ words, change }) => project.run(words, { environment: { ...environment, ...change } })),
      );
      assert.ok(failed.every(({ code, err }) => code === 1 && err !== ""));
      finished.push(...failed);

      const said = finished.map(({ out, err }) => out + err).join("\n");
      for (const secret of [...marks, ...shown]) {
        const at = said.indexOf(secret);
        assert.equal(at, -1, `${secret}: ${said.slice(Math.max(0, at - 300), at + 300)}`);
      }
      // It would have been seen: there is a line of each kind.
      assert.match(said, /it is broken/);
      const id = fault.headers.get("x-request-id") ?? "";
      assert.match(id, /^[\w-]{12}-\w+$/);
      assert.equal(said.split(id).length - 1, 2, "in the access log and beside the error");
      assert.match(said, /authn_login_lock:1,maxretries/);
      assert.match(said, /hook \{.*authn_token_reuse:1,/);
      assert.match(said, /authz_fail:1,GET/);
      assert.match(said, format === "json" ? /"path":"\/api\/token\/","status":503/ : /POST \/api\/token\/ 503/);
      assert.ok(refusals > 40, String(refusals));
    });
});
