/**
 * A client of an app, with types that are read off its declaration and no generated code.
 *
 * At run time it knows no resource: a name becomes a path when it is used, so nothing of the server is loaded. What is declared is
 * what compiles.
 */
import type { Client } from "./calls.ts";
import type { DeclaredApp } from "./declared.ts";
import { ApiFailure, callOf, type Result } from "./result.ts";
import {
  type Credentials,
  cookieCredentials,
  headerCredentials,
  memoryTokens,
  type Post,
  type TokenStore,
} from "./tokens.ts";
import { type CallOptions, createSend, type Query, type Send } from "./transport.ts";

export interface ClientOptions {
  /** Where resources stand (default `/api/v1/`). */
  readonly prefix?: string;
  /** Where tokens are had (default `/api/token/`). */
  readonly tokenPath?: string;
  /**
   * Where tokens are kept (default: in memory, until the page or process ends), or `"cookies"`: where scripts cannot read them, which
   * the server must offer (`TOKEN_COOKIES=true`).
   */
  readonly tokens?: TokenStore | "cookies";
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Makes a client.
 *
 * @param origin  of the server, such as `https://api.example.com`; empty in pages of the same origin
 * @example
 * import { createClient } from "drf-auth/client";
 * import type app from "./app.ts";
 *
 * const { account, resources } = createClient<typeof app>("https://api.example.com");
 * await account.signIn({ username, password });
 * for await (const order of resources.orders.all({ status: "new" })) console.log(order.total);
 */
export function createClient<App extends DeclaredApp>(origin: string, options: ClientOptions = {}): Client<App> {
  const { prefix = "/api/v1/", tokenPath = "/api/token/", tokens = memoryTokens() } = options;
  const fetch: typeof globalThis.fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const base = tokens === "cookies" ? `${tokenPath}cookie/` : tokenPath;
  const credentialsMode = tokens === "cookies" ? "include" : "same-origin";
  const post: Post = (path, body, headers = new Headers()) => {
    headers.set("content-type", "application/json");
    return fetch(`${origin}${base}${path}`, {
      ...{ method: "POST", headers, credentials: credentialsMode },
      body: JSON.stringify(body),
    });
  };
  const credentials =
    tokens === "cookies"
      ? cookieCredentials(post, () => fetch(`${origin}${base}csrf/`, { credentials: credentialsMode }))
      : headerCredentials(tokens, post);
  const send = createSend(fetch, origin, credentials);
  // The types of the calls are those of the declaration; what is made here takes any name.
  return {
    resources: byName((name) => resourceCalls(send, `${prefix}${name}/`)),
    endpoints: byName((name) =>
      byName(
        (method) => (body?: unknown, options?: CallOptions) =>
          callOf(send(method.toUpperCase(), `${prefix}${name}/`, { body }, options)),
      ),
    ),
    account: accountCalls(createSend(fetch, origin, unrenewed(credentials)), base, credentials),
  } as unknown as Client<App>;
}

/** Nobody is signed in yet, or is not any more: a 401 is the answer. */
const unrenewed = (credentials: Credentials): Credentials => ({
  ...credentials,
  async sign(headers, isSafe) {
    const signed = await credentials.sign(headers, isSafe);
    headers.delete("authorization");
    return signed;
  },
  renew: async () => false,
});

/** An object that makes what stands under a name when it is first asked for. */
function byName<T>(make: (name: string) => T): { readonly [name: string]: T } {
  const made = new Map<string | symbol, T>();
  return new Proxy(Object.create(null), {
    get(_, name) {
      // Whoever awaits the object asks for this one.
      if (typeof name === "symbol" || name === "then") return undefined;
      const value = made.get(name) ?? make(name);
      made.set(name, value);
      return value;
    },
  });
}

function resourceCalls(send: Send, path: string) {
  const at = (key: string | number): string => `${path}${encodeURIComponent(key)}/`;
  const call = (...request: Parameters<Send>) => callOf(send<unknown, unknown>(...request));
  /** Of a row, if a key comes first; of the list otherwise, where a GET is given a query. */
  const ownCall =
    (method: string, name: string) =>
    (...given: readonly unknown[]) => {
      const [first] = given;
      const isDetail = typeof first === "string" || typeof first === "number";
      const [sent, options] = (isDetail ? given.slice(1) : given) as [object?, CallOptions?];
      const parts = method === "GET" ? { query: sent as Query | undefined } : { body: sent };
      return call(method, `${isDetail ? at(first) : path}${name}/`, parts, options);
    };
  return {
    list: (query?: Query, options?: CallOptions) => call("GET", path, { query }, options),
    all: (query?: Query, options?: CallOptions) => rowsOf(send, path, query, options),
    create: (body: object, options?: CallOptions) => call("POST", path, { body }, options),
    createMany: (body: readonly object[], options?: CallOptions) => call("POST", path, { body }, options),
    partialUpdateMany: (body: readonly object[], options?: CallOptions) => call("PATCH", path, { body }, options),
    deleteMany: (body: readonly (string | number)[], options?: CallOptions) => call("DELETE", path, { body }, options),
    retrieve: (key: string | number, query?: Query, options?: CallOptions) => call("GET", at(key), { query }, options),
    update: (key: string | number, body: object, options?: CallOptions) => call("PUT", at(key), { body }, options),
    partialUpdate: (key: string | number, body: object, options?: CallOptions) =>
      call("PATCH", at(key), { body }, options),
    delete: (key: string | number, options?: CallOptions) => call("DELETE", at(key), {}, options),
    actions: byName((name) => byName((method) => ownCall(method.toUpperCase(), name))),
  };
}

/** The rows of a list, page after page. */
async function* rowsOf(send: Send, path: string, query: Query | undefined, options: CallOptions | undefined) {
  for (let next: Query | undefined = query ?? {}; next; ) {
    const page: Result<unknown, unknown> = await send("GET", path, { query: next }, options);
    if (!page.ok) throw new ApiFailure(page);
    if (Array.isArray(page.data)) return yield* page.data;
    const { results, next: link } = page.data as { results: readonly unknown[]; next: string | null };
    yield* results;
    // Its parameters alone: behind a proxy the host may be one that this client does not reach.
    next = link === null ? undefined : Object.fromEntries(new URL(link, "http://localhost").searchParams);
  }
}

function accountCalls(send: Send, path: string, credentials: Credentials) {
  const enter = async (route: string, body: object, options?: CallOptions) => {
    const result = await send<unknown, object>("POST", `${path}${route}`, { body }, options);
    if (result.ok) await credentials.keep(result.data);
    return result;
  };
  return {
    signIn: (body: object, options?: CallOptions) => callOf(enter("", body, options)),
    secondFactor: (body: object, options?: CallOptions) => callOf(enter("second-factor/", body, options)),
    signOut: (options?: CallOptions) => callOf(leave(options)),
  };
  async function leave(options?: CallOptions): Promise<Result<unknown>> {
    const body = await credentials.leaving();
    if (body === undefined) return { ok: true, status: 200, data: undefined };
    try {
      return await send("POST", `${path}blacklist/`, { body }, options);
    } finally {
      await credentials.forget();
    }
  }
}
