/**
 * The command lines of HTTPie and curl, done without either: the request they send, and what they print in a terminal.
 *
 * Knows what the README uses and refuses the rest, so that an example cannot pass unread.
 * Reference: `http --help`, `curl --help`.
 */
import { request } from "node:http";
import { text } from "node:stream/consumers";

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly statusLine: string;
  /** As they came: names and values in turn. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/**
 * Does what a command line asks for.
 *
 * @param variables  of the shell
 * @returns what the tool prints
 */
export async function runCommandLine(
  command: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const [tool, ...words] = wordsOf(command, variables);
  if (tool === "http") return showHttpie(await send(parseHttpie(words)));
  if (tool === "curl") return showCurl(await send(parseCurl(words)), words.includes("-i"));
  throw new TypeError(`expected http or curl: ${command}`);
}

/** The words of a shell's command line: quotes, variables, lines that go on. */
export function wordsOf(command: string, variables: Readonly<Record<string, string | undefined>>): string[] {
  const expand = (part: string): string =>
    part.replace(/\$(\w+)/g, (_whole, name: string) => {
      const value = variables[name];
      if (value === undefined) throw new TypeError(`$${name} is not set: ${command}`);
      return value;
    });
  const words = command.replaceAll("\\\n", " ").matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g);
  return Array.from(words, ([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"|[^'"]+/g, (part, single?: string, double?: string) =>
      single === undefined ? expand(double ?? part) : single,
    ),
  );
}

const unknown = (word: string): never => {
  throw new TypeError(`test/command-line.ts does not know ${word}`);
};

function parseHttpie(words: readonly string[]): Sent {
  const rest = [...words];
  const headers: Record<string, string> = { accept: "application/json, */*;q=0.5" };
  const data: Record<string, unknown> = {};
  const operands: string[] = [];
  let scheme = "basic";
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-A") scheme = rest.shift() ?? "";
    else if (word === "-a") {
      const secret = rest.shift() ?? "";
      headers.authorization =
        scheme === "bearer" ? `Bearer ${secret}` : `Basic ${Buffer.from(secret).toString("base64")}`;
    } else if (word.startsWith("-")) unknown(word);
    else operands.push(word);
  }
  const asked = /^[A-Z]+$/.test(operands[0] ?? "") ? operands.shift() : undefined;
  const url = new URL((operands.shift() ?? "").replace(/^:(\d+)/, "http://localhost:$1"));
  for (const item of operands) {
    const [, name = "", operator = "", value = ""] = /^([\w-]+)(==|:=|=|:)(.*)$/s.exec(item) ?? unknown(item);
    if (operator === "==") url.searchParams.append(name, value);
    else if (operator === ":") headers[name] = value;
    else data[name] = operator === ":=" ? JSON.parse(value) : value;
  }
  const hasBody = Object.keys(data).length > 0;
  if (hasBody) headers["content-type"] = "application/json";
  const method = asked ?? (hasBody ? "POST" : "GET");
  return { method, url, headers, body: hasBody ? JSON.stringify(data) : undefined };
}

function parseCurl(words: readonly string[]): Sent {
  const rest = [...words];
  const headers: Record<string, string> = { accept: "*/*" };
  const data: string[] = [];
  const urls: string[] = [];
  let asked: string | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-X") asked = rest.shift();
    else if (word === "-d") data.push(rest.shift() ?? "");
    else if (word === "-H") {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(rest.shift() ?? "") ?? unknown("this header");
      headers[name.toLowerCase()] = value;
    } else if (word.startsWith("-") && word !== "-i") unknown(word);
    else if (word !== "-i") urls.push(word);
  }
  const hasBody = data.length > 0;
  if (hasBody) headers["content-type"] ??= "application/x-www-form-urlencoded";
  const method = asked ?? (hasBody ? "POST" : "GET");
  return { method, url: new URL(urls[0] ?? ""), headers, body: hasBody ? data.join("&") : undefined };
}

/** Sends it to 127.0.0.1, whatever name the URL has for that. */
async function send({ method, url, headers, body }: Sent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(
    {
      host: "127.0.0.1",
      port: url.port,
      method,
      path: url.pathname + url.search,
      headers: {
        ...headers,
        host: url.host,
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      },
    },
    async (incoming) => {
      const { statusCode, statusMessage, rawHeaders } = incoming;
      resolve({
        statusLine: `HTTP/1.1 ${statusCode} ${statusMessage}`,
        headers: rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ""] as const] : [])),
        body: await text(incoming),
      });
    },
  );
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

const showHeaders = (headers: Answer["headers"]): string =>
  headers.map(([name, value]) => `${name}: ${value}`).join("\n");

/** HTTPie sorts headers and keys, and indents by four. */
function showHttpie({ statusLine, headers, body }: Answer): string {
  const sorted = headers.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const shown = body === "" ? "" : JSON.stringify(sortKeys(JSON.parse(body)), null, 4);
  return `${statusLine}\n${showHeaders(sorted)}\n\n${shown}`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortKeys(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const showCurl = ({ statusLine, headers, body }: Answer, isIncluded: boolean): string =>
  isIncluded ? `${statusLine}\n${showHeaders(headers)}\n\n${body}` : body;
