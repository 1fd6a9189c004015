/**
 * The limit: what Node can do where nothing is general. node:http, node:sqlite and node:crypto, written by hand for two routes.
 *
 * Run by `npm run bench` as the measure of the others: `node bench/peers/limit/server.ts --port 8000 --db books.sqlite3`. It
 * is honest work, not a constant answer: it makes the checks the others make (Host, Accept, token and its `exp`, the user's
 * row every half second, method, `If-None-Match`), reads the same rows, and its JSON is compared with theirs before anything is measured.
 * Environment: SECRET_KEY, ALLOWED_HOSTS, WEB_CONCURRENCY, as in the conformance contract.
 */
import cluster from "node:cluster";
import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseArgs } from "node:util";
import { openBooks, Refusal } from "./books.ts";
import { createTokenCheck } from "./tokens.ts";

const { values: flags } = parseArgs({ options: { port: { type: "string" }, db: { type: "string" } } });
const { SECRET_KEY: secret = "", ALLOWED_HOSTS: allowedHosts = "", WEB_CONCURRENCY: workers = "1" } = process.env;
if (flags.port === undefined || flags.db === undefined || secret === "") {
  throw new TypeError("expected --port, --db and SECRET_KEY");
}

/** After what time the user of a token is read again: what TOKEN_CHECK_INTERVAL is there by default. */
const userIntervalMs = 500;

if (cluster.isPrimary) supervise(Number(workers));
else serve(Number(flags.port), flags.db);

/** Workers share the listening socket; when one dies of itself, so does everything. */
function supervise(count: number): void {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  for (let i = 0; i < count; i++) cluster.fork();
  cluster.on("exit", (_, code) => process.exit(code));
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM");
    process.exit(0);
  });
}

function serve(port: number, path: string): void {
  const books = openBooks(path);
  const checkToken = createTokenCheck(secret);
  const hosts = new Set(allowedHosts.split(","));

  /** Who asks: a signed-in user, or nobody. Throws where a token was sent and is not good. */
  function authenticate(authorization: string | undefined): boolean {
    if (!authorization?.startsWith("Bearer ")) return false;
    const token = checkToken(authorization.slice(7));
    if (token === undefined) throw new Refusal(401, { detail: "The token is not valid.", code: "token_not_valid" });
    const now = Date.now();
    if (now - token.activeAt < userIntervalMs) return true;
    const isActive = books.isActive(token.userId);
    if (isActive === undefined) throw new Refusal(401, { detail: "No such user.", code: "user_not_found" });
    if (!isActive) throw new Refusal(401, { detail: "The user is not active.", code: "user_inactive" });
    token.activeAt = now;
    return true;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = "/", method, headers } = request;
    const host = headers.host ?? "";
    const mark = url.indexOf("?");
    let allow = "";
    let vary = "Accept, Cookie";
    try {
      if (!hosts.has(host.replace(/:\d+$/, ""))) throw new Refusal(400, { detail: "Unknown host." });
      const found = /^\/api\/v1\/books\/(?:(\d{1,15})\/)?$/.exec(mark < 0 ? url : url.slice(0, mark));
      if (found === null) throw new Refusal(404, { detail: "There is nothing here." });
      const id = found[1];
      allow = id === undefined ? "GET, POST, HEAD, OPTIONS" : "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";
      if (!acceptsJson(headers.accept)) throw new Refusal(406, { detail: "Only JSON is offered here." });
      const body = books.inSnapshot(() => {
        if (authenticate(headers.authorization)) vary = "Accept";
        if (method !== "GET") throw new Refusal(405, { detail: `${method} is not offered here.` });
        if (id !== undefined) return books.find(Number(id));
        const scheme = headers["x-forwarded-proto"] === "https" ? "https" : "http";
        return books.list(`${scheme}://${host}`, new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)));
      });
      if (body === undefined) throw new Refusal(404, { detail: "There is no such book." });
      send(response, 200, allow, vary, body, headers["if-none-match"] ?? "");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, allow, vary, error.body);
    }
  }

  createServer(answer).listen(port, "127.0.0.1", 2048);
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === "*/*" || accept === "application/json") return true;
  const types = accept.split(",").map((range) => range.split(";", 1)[0]?.trim());
  return types.some((type) => type === "application/json" || type === "application/*" || type === "*/*");
}

function send(
  response: ServerResponse,
  status: number,
  allow: string,
  vary: string,
  body: object,
  ifNoneMatch?: string,
): void {
  const text = escaped(JSON.stringify(body));
  const etag = ifNoneMatch === undefined ? undefined : `"${hash("sha1", text, "base64url")}"`;
  if (etag !== undefined && ifNoneMatch?.includes(etag)) {
    response.writeHead(304, { etag, vary }).end();
    return;
  }
  const headers = [
    "Content-Type",
    "application/json",
    "Vary",
    vary,
    "X-Frame-Options",
    "DENY",
    "X-Content-Type-Options",
    "nosniff",
    "Referrer-Policy",
    "same-origin",
    "Content-Length",
    String(Buffer.byteLength(text)),
  ];
  if (etag !== undefined) headers.push("ETag", etag);
  if (allow !== "") headers.push("Allow", allow);
  if (status === 401) headers.push("WWW-Authenticate", 'Bearer realm="api"');
  // Text, not a buffer: head and body then leave in one write.
  response.writeHead(status, headers).end(text);
}

/** Two line separators are escaped, so that the text may stand in a script. */
const escaped = (text: string) =>
  text.includes("\u2028") || text.includes("\u2029")
    ? text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")
    : text;
