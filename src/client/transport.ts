/** How requests leave and answers come back: URLs, bodies, headers, and who asks. */
import { type Result, readAnswer } from "./result.ts";
import type { Credentials } from "./tokens.ts";

/** What a single request may say besides its data. */
export interface CallOptions {
  /** Once it is aborted, the call is rejected with its reason (an `AbortError` by default), as that of `fetch` is. */
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Only if the row is still in this state: the `etag` of an earlier result. Otherwise `precondition_failed`. */
  readonly ifMatch?: string;
  /** However often the request is sent with it, it is done once. */
  readonly idempotencyKey?: string;
}

/** Parameters of a query; arrays are joined by commas, what is undefined is left out. */
export type Query = Readonly<Record<string, unknown>>;

export type Send = <Data, Input>(
  method: string,
  path: string,
  parts?: Parts,
  options?: CallOptions,
) => Promise<Result<Data, Input>>;

interface Parts {
  readonly query?: Query;
  readonly body?: unknown;
}

const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** @param credentials  of whoever asks; undefined for what anybody may ask */
export function createSend(fetch: typeof globalThis.fetch, origin: string, credentials: Credentials): Send {
  return async <Data, Input>(method: string, path: string, { query, body }: Parts = {}, options: CallOptions = {}) => {
    const given: Record<string, string | undefined> = {
      accept: "application/json",
      "if-match": options.ifMatch,
      "idempotency-key": options.idempotencyKey,
      ...options.headers,
    };
    const payload = body === undefined ? undefined : bodyOf(body);
    if (typeof payload === "string") given["content-type"] = "application/json";
    const attempt = async (): Promise<[Response, string | undefined]> => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value);
      const signed = await credentials.sign(headers, safe.has(method));
      const init = { method, headers, body: payload, signal: options.signal, credentials: credentials.cookies };
      return [await fetch(`${origin}${path}${queryOf(query)}`, init), signed];
    };
    try {
      let [response, signed] = await attempt();
      if (response.status === 401 && (await credentials.renew(signed))) [response] = await attempt();
      // What was refused did nothing, so it may be sent again.
      if (response.status === 403 && !safe.has(method) && credentials.prove) {
        await credentials.prove();
        [response] = await attempt();
      }
      return await readAnswer<Data, Input>(response);
    } catch (cause) {
      // Whoever gave up asks for no answer: the call is rejected as that of fetch is.
      options.signal?.throwIfAborted();
      const detail = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, status: 0, error: { code: "network", detail, cause } };
    }
  };
}

function queryOf(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? "" : `?${parameters}`;
}

/** JSON, or a form where there are files in it. */
function bodyOf(body: unknown): string | FormData {
  const entries = Object.entries(typeof body === "object" && body !== null ? body : {});
  if (!entries.some(([, value]) => value instanceof Blob)) return JSON.stringify(body);
  const form = new FormData();
  for (const [name, value] of entries) append(form, name, value);
  return form;
}

/** What is in an object is sent as `name.key`, what is in the objects of a list as `name[0]key`. */
function append(form: FormData, name: string, value: unknown): void {
  if (value instanceof Blob) form.append(name, value);
  else if (Array.isArray(value)) {
    for (const [i, one] of value.entries())
      if (!isPlain(one)) append(form, name, one);
      else for (const [key, inner] of Object.entries(one)) append(form, `${name}[${i}]${key}`, inner);
  } else if (isPlain(value)) for (const [key, inner] of Object.entries(value)) append(form, `${name}.${key}`, inner);
  else if (value !== undefined) form.append(name, value === null ? "" : String(value));
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof Blob) && !(value instanceof Date);
