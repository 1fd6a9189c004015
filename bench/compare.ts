/**
 * Is it the same work? The answers of all servers to one request, compared before anything is measured.
 *
 * Called by `contest.ts`. Compared are status, the headers that a client of the API relies on, and the JSON: values and the
 * order of keys. Two spellings of a number (`1.0`, `1`) are the same value; the server's own address in links is left out, and so is
 * the cursor in them, which each server writes in its own way. Times of the request (`created_at` of what is created) are compared by
 * their form. Of a refusal its sentences are its server's own: compared are keys, shape, and the values of `code`.
 */
import { request } from "node:http";
import type { Row } from "./rows.ts";
import { asksForEtag, headersOf, prepare, readingOf, type Tokens } from "./wire.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Body as it came. */
  readonly text: string;
}

/** Of a static file every header that a browser or a cache acts on is compared; of a 304, what it must repeat. */
const comparedOfFiles = [
  ...["content-type", "content-length", "content-encoding", "content-range", "last-modified", "vary"],
  ...["cache-control", "access-control-allow-origin", "x-content-type-options", "referrer-policy"],
];

const comparedOf = ({ isStatic, status }: Row): readonly string[] => {
  if (!isStatic) return compared;
  return status === 304 ? ["cache-control"] : comparedOfFiles;
};

const compared = ["content-type", "allow", "x-frame-options", "x-content-type-options", "referrer-policy"];

/** What an answer is compared by, and what the next request and the load need of it. */
export interface Asked extends Answer {
  readonly bodyBytes: number;
  readonly etag: string | undefined;
}

/** Asks one server for a row, as the first connection does; `{server}` stands for its address in the text. */
export async function ask(port: number, row: Row, tokens: Tokens): Promise<Asked> {
  const etag = asksForEtag(row) ? (await send(port, readingOf(row), tokens, "")).etag : undefined;
  return send(port, row, tokens, etag ?? "");
}

function send(port: number, row: Row, tokens: Tokens, etag: string): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const { method, isStatic } = row;
    const headers = Object.fromEntries(
      headersOf(row, tokens).map(([name, value]) => [name, value.replace("{etag}", etag)]),
    );
    const path = row.path.replace("{connection}", "0000");
    const asked = request({ port, host: "127.0.0.1", method, path, headers, agent: false });
    asked.once("error", reject).once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
      response.once("end", () => {
        const body = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            // A parameter means the same with quotes and without.
            comparedOf(row).map((name) => [name, response.headers[name]?.toString().replaceAll('"', "")]),
          ),
          text: isStatic
            ? body.toString("latin1")
            : body.toString().replaceAll(`http://127.0.0.1:${port}/`, "{server}/"),
          bodyBytes: body.length,
          etag: response.headers.etag,
        });
      });
    });
    asked.end(row.body === undefined ? undefined : prepare(row.body, 0).fill({ next: 0 }));
  });
}

/**
 * The first place where two answers differ, in words; undefined where they do not.
 *
 * @param now  keys whose values are the time of the request
 * @example
 * findDifference(limit, django); // '$.results[3].price: "9.50" and "9.5"'
 */
export function findDifference(one: Answer, other: Answer, now: readonly string[] = []): string | undefined {
  if (one.status !== other.status) return `status: ${one.status} and ${other.status}`;
  for (const name of Object.keys({ ...one.headers, ...other.headers })) {
    if (one.headers[name] !== other.headers[name]) {
      return `header ${name}: ${show(one.headers[name])} and ${show(other.headers[name])}`;
    }
  }
  if (one.text === other.text) return undefined;
  if (one.status === 206 || one.headers["last-modified"] !== undefined) return "the bytes of the file";
  const isSame = one.status < 400 ? isSameValue(now) : isSameInRefusal;
  return differenceOfValues(JSON.parse(one.text), JSON.parse(other.text), "$", isSame);
}

type IsSame = (one: unknown, other: unknown, key: string) => boolean;

function differenceOfValues(one: unknown, other: unknown, place: string, isSame: IsSame, at = ""): string | undefined {
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return isSame(one, other, at) ? undefined : `${place}: ${show(one)} and ${show(other)}`;
  }
  const keys = Object.keys(one);
  const otherKeys = Object.keys(other);
  if (keys.join("\n") !== otherKeys.join("\n")) return `keys of ${place}: ${show(keys)} and ${show(otherKeys)}`;
  for (const key of keys) {
    const inside = Array.isArray(one) ? `${place}[${key}]` : `${place}.${key}`;
    const difference = differenceOfValues(one[key], other[key], inside, isSame, key);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** @param now  keys whose values are the time of the request */
const isSameValue =
  (now: readonly string[]): IsSame =>
  (one, other, key) => {
    if (Object.is(one, other)) return true;
    if (typeof one !== "string" || typeof other !== "string") return false;
    return now.includes(key) ? formOf(one) === formOf(other) : withoutCursor(one) === withoutCursor(other);
  };

const isSameInRefusal: IsSame = (one, other, key) =>
  Object.is(one, other) || (typeof one === "string" && typeof other === "string" && key !== "code");

const formOf = (time: string) => time.replace(/\d/g, "0");

const withoutCursor = (text: string) => text.replace(/(?<=^\{server\}.*[?&]cursor=)[^&]+/, "{cursor}");

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const show = (value: unknown) => JSON.stringify(value) ?? "nothing";
