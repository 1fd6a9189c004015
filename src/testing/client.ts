/** A client for tests: JSON in and out, over HTTP. */

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined where it is not JSON. */
  readonly json: Body;
}

/** What is sent: `json` is written as JSON, `body` as it is; a form with files is a `FormData`. */
export interface Sent {
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends a request and gives the answer, whatever its status.
 *
 * @example
 * const { status, json } = await client<RowOf<typeof Snack>>("POST", "/api/v1/snacks/", { json: { name: "Nuts" } });
 */
export interface Client {
  /** URL of the server, without a path. */
  readonly base: string;
  <Body = unknown>(method: string, path: string, sent?: Sent): Promise<Answer<Body>>;
}

/**
 * A client of a server; follows no redirects and keeps no cookies.
 * @param common  headers of every request
 */
export function clientOf(base: string, common: Readonly<Record<string, string>> = {}): Client {
  const client = async (method: string, path: string, { json, body, headers }: Sent = {}) => {
    const response = await fetch(base + path, {
      method,
      body: body ?? (json === undefined ? undefined : JSON.stringify(json)),
      redirect: "manual",
      headers: {
        accept: "application/json",
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...common,
        ...headers,
      },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };
  return Object.assign(client, { base });
}

/** What a body holds is known by who asks for it. */
function parse(text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
