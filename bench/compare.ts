/**
 * Is it the same work? The answers of all servers to one request, compared before anything is measured.
 *
 * Called by `contest.ts`. Compared are status, the headers that a client of the API relies on, and the JSON: values and the
 * order of keys. Two spellings of a number (`1.0`, `1`) are the same value; the server's own address in links is left out.
 */
import { request } from "node:http";
import type { Row } from "./rows.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Body as it came. */
  readonly text: string;
}

const compared = ["content-type", "allow", "x-frame-options", "x-content-type-options", "referrer-policy"];

/** The headers of a request of a row, with its token in place. */
export function headersOf(row: Row, token: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row.headers).map(([name, value]) => [name, value.replace("{token}", token)]),
  );
}

/** Asks one server once; `{server}` stands for its address in the text. */
export function ask(port: number, row: Row, token: string): Promise<Answer & { readonly bodyBytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = headersOf(row, token);
    const asked = request({ port, host: "127.0.0.1", method: row.method, path: row.path, headers, agent: false });
    asked.once("error", reject).once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
      response.once("end", () => {
        const body = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(compared.map((name) => [name, response.headers[name]?.toString()])),
          text: body.toString().replaceAll(`http://127.0.0.1:${port}/`, "{server}/"),
          bodyBytes: body.length,
        });
      });
    });
    asked.end();
  });
}

/**
 * The first place where two answers differ, in words; undefined where they do not.
 *
 * @example
 * findDifference(limit, django); // '$.results[3].price: "9.50" and "9.5"'
 */
export function findDifference(one: Answer, other: Answer): string | undefined {
  if (one.status !== other.status) return `status: ${one.status} and ${other.status}`;
  for (const name of compared) {
    if (one.headers[name] !== other.headers[name]) {
      return `header ${name}: ${show(one.headers[name])} and ${show(other.headers[name])}`;
    }
  }
  if (one.text === other.text) return undefined;
  return differenceOfValues(JSON.parse(one.text), JSON.parse(other.text), "$");
}

function differenceOfValues(one: unknown, other: unknown, place: string): string | undefined {
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return Object.is(one, other) ? undefined : `${place}: ${show(one)} and ${show(other)}`;
  }
  const keys = Object.keys(one);
  const otherKeys = Object.keys(other);
  if (keys.join("\n") !== otherKeys.join("\n")) return `keys of ${place}: ${show(keys)} and ${show(otherKeys)}`;
  for (const key of keys) {
    const inside = Array.isArray(one) ? `${place}[${key}]` : `${place}.${key}`;
    const difference = differenceOfValues(one[key], other[key], inside);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const show = (value: unknown) => JSON.stringify(value) ?? "nothing";
