/**
 * Forms of the access log that other tools know: the combined format, and any other in Gunicorn's letters, compiled once.
 *
 * Reference: gunicorn.glogging.Logger.atoms, Apache's combined format. Differs: an unknown letter ends the start; the user is the
 * key of who is signed in; bytes are those on the wire; response headers are not kept, so there is no `%({name}o)s`.
 */
import { escapeControls } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Line } from "./access-log.ts";

export const combinedFormat = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"';

type Part = (line: Line) => string;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** `[27/Nov/2026:06:17:09 +0000]`. */
const apacheTime: Part = ({ time }) => {
  const [year, month, day, clock] = [time.slice(0, 4), time.slice(5, 7), time.slice(8, 10), time.slice(11, 19)];
  return `[${day}/${months[Number(month) - 1]}/${year}:${clock} +0000]`;
};
const orDash = (text: string | undefined): string => (text === undefined || text === "" ? "-" : text);
const markOf = (path: string): number => (path.includes("?") ? path.indexOf("?") : path.length);
const millisecondsOf = ({ milliseconds }: Line): number => Number(milliseconds);

const letters: Readonly<Record<string, Part>> = {
  h: ({ address }) => orDash(address),
  l: () => "-",
  u: ({ userId }) => orDash(userId === undefined ? undefined : String(userId)),
  t: apacheTime,
  r: ({ method, path, request }) => `${method} ${path} HTTP/${request.httpVersion}`,
  m: ({ method }) => method,
  U: ({ path }) => path.slice(0, markOf(path)),
  q: ({ path }) => path.slice(markOf(path) + 1),
  H: ({ request }) => `HTTP/${request.httpVersion}`,
  s: ({ status }) => String(status),
  B: ({ bytes }) => String(bytes),
  b: ({ bytes }) => (bytes === 0 ? "-" : String(bytes)),
  // The query of the page before can hold a token, too.
  f: ({ request }) => orDash(request.headers.referer?.split("?", 1)[0]),
  a: ({ request }) => orDash(request.headers["user-agent"]),
  T: (line) => String(Math.floor(millisecondsOf(line) / 1000)),
  M: (line) => String(Math.floor(millisecondsOf(line))),
  D: (line) => String(Math.round(millisecondsOf(line) * 1000)),
  L: (line) => (millisecondsOf(line) / 1000).toFixed(6),
  p: () => `<${process.pid}>`,
};
/** Headers that let in whoever has them. */
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "x-csrftoken"]);

/**
 * Compiles a format.
 * @throws ConfigurationError  a letter that there is not, or a header that is a secret
 */
export function compileFormat(format: string): Part {
  const parts = format.split(/(%\([^)]*\)s)/).map((text): Part => {
    const [, name] = /^%\((.*)\)s$/.exec(text) ?? [];
    if (name === undefined) return () => text;
    const part = partOf(name);
    return (line) => escapeControls(part(line).replace(/["\\]/g, "\\$&"));
  });
  return (line) => parts.map((part) => part(line)).join("");
}

function partOf(name: string): Part {
  if (Object.hasOwn(letters, name)) return letters[name] ?? (() => "-");
  const [, header = ""] = /^\{([\w-]+)\}i$/.exec(name) ?? [];
  const place = `ACCESS_LOG_FORMAT, %(${name})s`;
  if (header === "")
    throw new ConfigurationError(place, `expected one of ${Object.keys(letters).join(", ")}, or {header}i`);
  if (secretHeaders.has(header.toLowerCase())) throw new ConfigurationError(place, "this header is a secret");
  return ({ request }) => orDash(request.headers[header.toLowerCase()]?.toString());
}
