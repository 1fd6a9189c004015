/** What a client says of itself: any `Authorization`, any cookies, any claims under a right signature. Refused, and never a fault of ours. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { defineApp } from "../../src/app/index.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { secretKey, start, startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { sendRaw } from "../http-client.ts";
import { texts } from "./texts.ts";
import "./seed.ts";

const me = { run: ({ user }: { user?: { readonly username: string } }) => ({ name: user?.username ?? null }) };
const app = defineApp({
  resources: {},
  endpoints: { me: endpoint({ permissions: [permission.allowAny()], methods: { GET: me, POST: me } }) },
  // Hundreds of wrong passwords come from one address.
  settings: { lockoutLimit: 0, lockoutUserLimit: 0, lockoutAddressLimit: 0 },
});

/** What a header can carry: bytes, but for those that end it. */
const headerText = fc
  .oneof(
    texts.map((text) => Buffer.from(text).toString("latin1")),
    fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
  )
  .map((text) => text.replace(/[\0\r\n]/g, ""));

const base64 = (text: string, encoding: "base64" | "base64url"): string => Buffer.from(text).toString(encoding);
const json = fc.oneof(fc.json({ maxDepth: 3 }), texts);
const sign = (content: string): string => createHmac("sha256", secretKey).update(content).digest("base64url");

const numbers = fc.oneof(
  fc.constantFrom(start / 1000 + 60, start / 1000 - 60, 0, -1, 1e20, 2 ** 53, 1e300),
  fc.double(),
);
const claim = fc.oneof(numbers, texts, fc.jsonValue({ maxDepth: 2 }), numbers.map(String));
/** Claims of an access token that are nearly right, or not at all. */
const claims = fc
  .record(
    {
      token_type: fc.oneof({ arbitrary: fc.constant("access"), weight: 5 }, claim),
      exp: fc.oneof({ arbitrary: fc.constant(start / 1000 + 60), weight: 5 }, claim),
      iat: claim,
      nbf: claim,
      jti: fc.oneof(fc.constant("a"), claim),
      user_id: fc.oneof(fc.constantFrom<unknown>(1, "1", 2 ** 40, -1, 1.5, "01"), claim),
    },
    { requiredKeys: ["token_type", "exp"] },
  )
  .map((value) => JSON.stringify(value));
const headers = fc.oneof(
  { arbitrary: fc.constant('{"alg":"HS256","typ":"JWT"}'), weight: 4 },
  fc
    .record(
      {
        alg: fc.oneof(fc.constantFrom("HS256", "none", "RS256"), claim),
        typ: claim,
        kid: claim,
        crit: claim,
        b64: claim,
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
  json,
);
const tokens = fc
  .tuple(headers, fc.oneof({ arbitrary: claims, weight: 3 }, json), fc.boolean())
  .map(([header, payload, isSigned]) => {
    const content = `${base64(header, "base64url")}.${base64(payload, "base64url")}`;
    return `${content}.${isSigned ? sign(content) : sign(payload)}`;
  });
const authorizations = fc.oneof(
  headerText,
  tokens.map((token) => `Bearer ${token}`),
  headerText.map((text) => `Bearer ${text}`),
  fc.tuple(texts, texts).map(([name, password]) => `Basic ${base64(`${name}:${password}`, "base64")}`),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => `Basic ${Buffer.from(bytes).toString("base64")}`),
  fc
    .tuple(fc.constantFrom("Basic", "basic", "Basic ", "Bearer a"), headerText)
    .map(([scheme, text]) => `${scheme} ${text}`),
);

const cookieNames = fc.constantFrom("sessionid", "csrftoken", "__proto__", "", " ");
const quoted = headerText.map((text) => `"${text}"`);

for (const { name, create } of databases) {
  describe(`credentials on ${name}`, () => {
    let test: TestApp;
    let session = "";
    before(async () => {
      test = await startTestApp(app, await create());
      const alice = await test.user("alice");
      assert.equal(alice.id, 1);
      const page = await test.client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
      const csrf = /csrftoken=(\w+)/.exec(page.headers.getSetCookie().join())?.[1] ?? "";
      const body = String(
        new URLSearchParams({ username: "alice", password: alice.password, csrfmiddlewaretoken: csrf }),
      );
      const signedIn = await test.client("POST", "/api-auth/login/", {
        body,
        headers: {
          cookie: `csrftoken=${csrf}`,
          "content-type": "application/x-www-form-urlencoded",
          accept: "text/html",
        },
      });
      session = /sessionid=(\w+)/.exec(signedIn.headers.getSetCookie().join())?.[1] ?? "";
      assert.notEqual(session, "");
    });
    after(() => test.stop());

    /** Sends headers as they are; the status of the answer. */
    const send = async (method: string, lines: readonly string[]): Promise<number> => {
      test.faults.length = 0;
      const head = [
        `${method} /api/v1/me/ HTTP/1.1`,
        `Host: ${new URL(test.client.base).host}`,
        "Connection: close",
        "Content-Length: 0",
      ];
      const status = await sendRaw(test.client.base, `${[...head, ...lines].join("\r\n")}\r\n\r\n`);
      assert.deepEqual(test.faults, []);
      return status;
    };

    it("a right token and a right session are known, so that what follows tries wrong ones", async () => {
      const payload = JSON.stringify({ token_type: "access", exp: start / 1000 + 60, jti: "a", user_id: 1 });
      const content = `${base64('{"alg":"HS256","typ":"JWT"}', "base64url")}.${base64(payload, "base64url")}`;
      const known: readonly Readonly<Record<string, string>>[] = [
        { authorization: `Bearer ${content}.${sign(content)}` },
        { cookie: `sessionid=${session}` },
      ];
      for (const headers of known)
        assert.deepEqual((await test.client("GET", "/api/v1/me/", { headers })).json, { name: "alice" });
    });

    it("any Authorization header is answered: nobody, somebody, or 401", async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom("GET", "POST"), authorizations, async (method, authorization) => {
          const status = await send(method, [`Authorization: ${authorization}`]);
          // 400: what HTTP itself does not take.
          assert.ok([200, 400, 401].includes(status), `${status}`);
        }),
        { numRuns: 300 },
      );
    });

    it("any cookies are answered: nobody, somebody, or 403", async () => {
      const cookies = fc.oneof(
        headerText,
        fc
          .array(fc.tuple(fc.oneof(cookieNames, headerText), fc.oneof(headerText, quoted)), { maxLength: 4 })
          .map((pairs) => pairs.map((pair) => pair.join("=")).join("; ")),
      );
      const csrf = fc.oneof(fc.constantFrom("a".repeat(32), "b".repeat(64)), headerText);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom("GET", "POST"),
          cookies,
          fc.boolean(),
          csrf,
          fc.option(headerText),
          async (method, cookie, isKnown, token, origin) => {
            const own = isKnown ? `sessionid=${session}; csrftoken=${token}; ` : "";
            const status = await send(method, [
              `Cookie: ${own}${cookie}`,
              `X-CSRFToken: ${token}`,
              ...(origin === null ? [] : [`Origin: ${origin}`]),
            ]);
            assert.ok([200, 400, 403].includes(status), `${status}`);
          },
        ),
        { numRuns: 300 },
      );
    });

    it("any token for tokens is answered: a pair, or 400 or 401", async () => {
      const field = fc.oneof(
        tokens,
        tokens.map((token) => token.slice(1)),
        json,
      );
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom("refresh", "verify", "blacklist"),
          fc.oneof(field, claim),
          async (path, token) => {
            test.faults.length = 0;
            const { status, text } = await test.client("POST", `/api/token/${path}/`, {
              json: { refresh: token, token },
            });
            assert.ok([200, 400, 401].includes(status), `${status} ${text}`);
            assert.deepEqual(test.faults, []);
          },
        ),
        { numRuns: 200 },
      );
    });
  });
}
