/** A client of a smoke test: an account's token, and requests that must be answered with a status. */
import assert from "node:assert/strict";

export interface Client {
  /** @throws AssertionError  another status */
  json(method: string, path: string, status: number, body?: unknown): Promise<Record<string, unknown>>;
  /** @throws AssertionError  the status is not 200 */
  page(path: string): Promise<{ readonly text: string; readonly headers: Headers }>;
  /** From now on requests carry a token of this account. */
  signIn(username: string, password: string): Promise<void>;
}

/** @param base  scheme, host and port */
export function createClient(base: string): Client {
  let token: string | undefined;
  const client: Client = {
    async json(method, path, status, body) {
      const response = await fetch(new URL(path, base), {
        method,
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      assert.equal(response.status, status, `${method} ${path}: ${text}`);
      return JSON.parse(text);
    },
    async page(path) {
      const response = await fetch(new URL(path, base), { headers: { accept: "text/html" } });
      assert.equal(response.status, 200, `GET ${path}`);
      return { text: await response.text(), headers: response.headers };
    },
    async signIn(username, password) {
      const { access } = await client.json("POST", "/api/token/", 200, { username, password });
      assert.ok(typeof access === "string");
      token = access;
    },
  };
  return client;
}
