/** What nobody guesses: links in mails, codes of an app, cookies and their CSRF tokens. Each answer is one that the document describes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { codeOf, stepAt } from "../../src/auth/second-factor/totp.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer } from "../http-client.ts";
import { type Contract, contractOf } from "./contract.ts";
import { everything, mails, nobodyGuesses } from "./everything.ts";

describe("the document describes", () => {
  let test: TestApp;
  let contract: Contract;
  const reached = new Set<string>();
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    test = await startTestApp(everything, await sqlite.create());
    contract = contractOf((await test.client("GET", "/api/schema/")).json);
  });
  after(() => test.stop());

  /** Sends a request, and holds the answer against the document. */
  const ask = async (
    method: string,
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer> => {
    const answer = await test.client(method, path, { json, headers });
    const template = path.replace(/sessions\/.+\/$/, "sessions/{id}/");
    const operation = contract.operations.find((one) => one.method === method && one.path === template);
    assert.ok(operation, path);
    assert.equal(contract.faultOf(operation, answer), undefined, path);
    if (answer.status < 300) reached.add(operation.id);
    return answer;
  };
  const done = async (...asked: Parameters<typeof ask>): Promise<Answer["json"]> => {
    const { status, text, json } = await ask(...asked);
    assert.ok(status < 300, `${asked[1]}: ${status} ${text}`);
    return json;
  };

  it("accounts, with the links that are mailed", async () => {
    const linkIn = async () => {
      await test.settled();
      const [, uid = "", token = ""] = /\/#\/[a-z-]+\/([\w-]+)\/([\w-]+)/.exec(mails.at(-1) ?? "") ?? [];
      return { uid, token };
    };
    const [email, password] = ["ann@example.com", "rolling-stones-7"];
    await done("POST", "/auth/users/", { username: "ann", email, password });
    await ask("POST", "/auth/users/activation/", { uid: "x", token: "y" });
    const link = await linkIn();
    await done("POST", "/auth/users/activation/", link);
    assert.equal((await ask("POST", "/auth/users/activation/", link)).status, 403);
    const { access } = await done("POST", "/api/token/", { username: "ann", password });
    const bearer = { authorization: `Bearer ${access}` };
    assert.equal((await done("GET", "/auth/users/me/", undefined, bearer)).email, email);
    await done("POST", "/auth/users/set_email/", { current_password: password, new_email: "new@example.com" }, bearer);
    await test.settled();
    const confirmation = mails.findLast((text) => text.includes("/#/") && text !== mails.at(0)) ?? "";
    const [, uid = "", token = ""] = /\/#\/[a-z-]+\/([\w-]+)\/([\w-]+)/.exec(confirmation) ?? [];
    await ask("POST", "/auth/users/set_email_confirm/", { uid, token });
    await done("POST", "/auth/users/reset_password/", { email: "new@example.com" });
    await done("POST", "/auth/users/reset_password_confirm/", {
      ...(await linkIn()),
      new_password: "gathering-moss-8",
    });
    await done("POST", "/auth/users/reset_username/", { email: "new@example.com" });
    await done("POST", "/auth/users/reset_username_confirm/", { ...(await linkIn()), new_username: "anna" });
  });

  it("the second factor, from its secret to the codes that stand in for it", async () => {
    const { username, password, bearer } = await test.user("bob");
    const { qr, uri } = await done("POST", "/api/second-factor/setup/", { password }, bearer);
    assert.match(qr, /^data:image/);
    const secret = fromBase32(/secret=([A-Z2-7]+)/.exec(uri)?.[1] ?? "");
    const code = () => {
      test.clock.now += 31_000;
      return codeOf(secret, stepAt(test.clock.now));
    };
    await done("POST", "/api/second-factor/confirm/", { code: code() }, bearer);
    await done("GET", "/api/second-factor/", undefined, bearer);
    await done("POST", "/api/second-factor/recovery-codes/", { code: code() }, bearer);
    for (const [first, second] of [
      ["/api/token/", "/api/token/second-factor/"],
      ["/api/token/sliding/", "/api/token/sliding/second-factor/"],
    ] as const) {
      const asked = await ask("POST", first, { username, password });
      assert.equal(asked.status, 401);
      await done("POST", second, { challenge: asked.json.challenge, code: code() });
    }
    const csrf = "a".repeat(32);
    const cookies = { cookie: `csrftoken=${csrf}`, "x-csrftoken": csrf, origin: test.client.base };
    const { challenge } = (await ask("POST", "/api/token/cookie/", { username, password }, cookies)).json;
    await done("POST", "/api/token/cookie/second-factor/", { challenge, code: code() }, cookies);
    await done("POST", "/api/second-factor/disable/", { code: code() }, bearer);
    const { token } = await done("POST", "/api/token/sliding/", { username, password });
    await done("POST", "/api/token/sliding/refresh/", { token });
  });

  it("tokens in cookies, and sessions that are ended one by one", async () => {
    const { username, password } = await test.user("carol");
    const jar = new Map<string, string>();
    const send = async (method: string, path: string, json?: unknown): Promise<Answer> => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const csrf = { "x-csrftoken": jar.get("csrftoken") ?? "", origin: test.client.base };
      const answer = await ask(method, path, json, { ...csrf, ...(cookie && { cookie }) });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)="?([^;"]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      return answer;
    };
    assert.equal((await ask("POST", "/api/token/cookie/", { username, password })).status, 403);
    assert.equal((await send("GET", "/api/token/cookie/csrf/")).status, 200);
    assert.equal((await send("POST", "/api/token/cookie/", { username, password })).status, 200);
    assert.equal((await send("POST", "/api/token/cookie/refresh/")).status, 200);
    const { json: sessions } = await send("GET", "/api/auth/sessions/");
    const other = sessions.find(({ current }: { current: boolean }) => !current);
    assert.equal((await send("DELETE", `/api/auth/sessions/${other.id}/`)).status, 204);
    assert.equal((await send("POST", "/api/token/cookie/blacklist/")).status, 200);
    assert.equal((await send("POST", "/api/token/cookie/refresh/")).status, 401);
  });

  it("so all that no generated request gets done", () => {
    assert.deepEqual(
      [...nobodyGuesses].filter((id) => !reached.has(id)),
      [],
    );
  });
});

/** The bytes of a secret, as people type it. */
function fromBase32(text: string): Uint8Array {
  const bits = Array.from(text, (letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  ).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
