/**
 * The limit: what Node can do where nothing is general. node:http, node:sqlite and node:crypto, written by hand for a few routes.
 *
 * Run by `npm run bench` as the measure of the others: `node bench/peers/limit/server.ts --port 8000 --db books.sqlite3`. It
 * is honest work, not a constant answer: it makes the checks the others make (Host, Accept, token and its `exp`, the user's
 * row every half second and rights, method, `If-Match` and `If-None-Match`, the body), reads and writes the same rows, and its JSON is compared with theirs
 * before anything is measured.
 * Environment: SECRET_KEY, ALLOWED_HOSTS, WEB_CONCURRENCY, as in the conformance contract.
 */
import { isUtf8 } from "node:buffer";
import cluster from "node:cluster";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseArgs } from "node:util";
import { booksOf } from "./books.ts";
import { openDatabase, Refusal, type User } from "./database.ts";
import { reviewsOf } from "./reviews.ts";
import { etagOf, synonymsOf } from "./synonyms.ts";
import { type AccessToken, createTokenCheck } from "./tokens.ts";

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
  const database = openDatabase(path);
  const books = booksOf(database);
  const reviews = reviewsOf(database);
  const synonyms = synonymsOf(database);
  const readable = { books, reviews, synonyms };
  const checkToken = createTokenCheck(secret);
  const hosts = new Set(allowedHosts.split(","));

  /** The token that was sent, or none. @throws Refusal  it is not good */
  function tokenOf(authorization: string | undefined): AccessToken | undefined {
    if (!authorization?.startsWith("Bearer ")) return undefined;
    const token = checkToken(authorization.slice(7));
    if (token === undefined) throw notValid("The token is not valid.", "token_not_valid");
    return token;
  }

  /** Whose token it is. @throws Refusal  nobody's, or that of somebody who may not sign in */
  function userOf(token: AccessToken): User {
    const now = Date.now();
    if (token.user !== undefined && now - token.userAt < userIntervalMs) return token.user;
    const user = database.findUser(token.userId);
    if (user === undefined) throw new Refusal(401, { detail: "No such user.", code: "user_not_found" });
    if (!user.isActive) throw new Refusal(401, { detail: "The user is not active.", code: "user_inactive" });
    token.user = user;
    token.userAt = now;
    return user;
  }

  /** @param body  of a request that has one */
  function respond(request: IncomingMessage, response: ServerResponse, body?: Buffer): void {
    const { url = "/", method, headers } = request;
    const host = headers.host ?? "";
    const mark = url.indexOf("?");
    let allow = "";
    let vary = "Accept, Cookie";
    try {
      if (!hosts.has(host.replace(/:\d+$/, ""))) throw new Refusal(400, { detail: "Unknown host." });
      const found = routes.exec(mark < 0 ? url : url.slice(0, mark));
      if (found === null) throw new Refusal(404, { detail: "There is nothing here." });
      const { name, id } = found.groups ?? {};
      const hasBulk = name === "bulk-synonyms";
      allow = id !== undefined ? forOne : hasBulk ? forMany : forList;
      if (!acceptsJson(headers.accept)) throw new Refusal(406, { detail: "Only JSON is offered here." });
      const isChange = method === "PATCH" && id !== undefined;
      const isWrite = (isChange || (method === "POST" && id === undefined)) && name?.endsWith("synonyms");
      // As the others do: who sent a token, good or bad, is not asked for a cookie.
      if (headers.authorization?.startsWith("Bearer ")) vary = "Accept";
      const token = tokenOf(headers.authorization);

      if (isWrite) {
        if (token === undefined) throw new Refusal(401, { detail: "Expected a token." });
        const given = parse(headers["content-type"], body);
        const isBulk = hasBulk && Array.isArray(given);
        const enclosed = !isChange && !isBulk && synonyms.isWrong(given) ? database.inSnapshot : database.inTransaction;
        const written = enclosed(() => {
          const user = userOf(token);
          if (isChange) return synonyms.change(user, Number(id), given, headers["if-match"]);
          return isBulk ? synonyms.createAll(user, given) : synonyms.create(user, given);
        });
        send(response, isChange ? 200 : 201, allow, vary, written, Array.isArray(written) ? undefined : "");
        return;
      }

      const read = database.inSnapshot(() => {
        if (token !== undefined) userOf(token);
        if (method !== "GET") throw new Refusal(405, { detail: `${method} is not offered here.` });
        if (id !== undefined)
          return readable[name === "books" || name === "reviews" ? name : "synonyms"].find(Number(id));
        if (name !== "books" && name !== "reviews") return undefined;
        const scheme = headers["x-forwarded-proto"] === "https" ? "https" : "http";
        return readable[name].list(`${scheme}://${host}`, new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)));
      });
      if (read === undefined) throw new Refusal(404, { detail: "There is nothing here." });
      send(response, 200, allow, vary, read, headers["if-none-match"] ?? "");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, allow, vary, error.body);
    }
  }

  /** Waits for the body where there is one. */
  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== "POST" && request.method !== "PATCH") {
      respond(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    });
    request.on("end", () => {
      const [first, ...others] = chunks;
      if (length > maxBytes) send(response, 413, "", "Accept", { detail: "The body is too large." });
      else respond(request, response, others.length === 0 ? first : Buffer.concat(chunks));
    });
  }

  createServer(answer).listen(port, "127.0.0.1", 2048);
}

const routes = /^\/api\/v1\/(?<name>books|reviews|synonyms|bulk-synonyms)\/(?:(?<id>\d{1,15})\/)?$/;
const forList = "GET, POST, HEAD, OPTIONS";
const forMany = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS";
const forOne = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";

/** A longer body is refused. */
const maxBytes = 2_500_000;

/** The JSON of a body. @throws Refusal */
function parse(contentType: string | undefined, body: Buffer | undefined): unknown {
  if (body === undefined) return {};
  if (contentType !== "application/json" && contentType?.split(";", 1)[0]?.trim() !== "application/json")
    throw new Refusal(415, { detail: "Expected JSON." });
  if (!isUtf8(body)) throw new Refusal(400, { detail: "Expected UTF-8." });
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Refusal(400, { detail: "Expected JSON." });
  }
}

/** A token that was sent and is not accepted; the body says which kind was expected. */
function notValid(detail: string, code: string): Refusal {
  const message = {
    token_class: "AccessToken",
    token_type: "access",
    message: "The token is not valid, or its time is over.",
  };
  return new Refusal(401, { detail, code, messages: [message] });
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === "*/*" || accept === "application/json") return true;
  const types = accept.split(",").map((range) => range.split(";", 1)[0]?.trim());
  return types.some((type) => type === "application/json" || type === "application/*" || type === "*/*");
}

/** Requests that were answered: each answer names its own. */
let answered = 0;

function send(
  response: ServerResponse,
  status: number,
  allow: string,
  vary: string,
  body: object,
  ifNoneMatch?: string,
): void {
  const text = escaped(JSON.stringify(body));
  const headers = ["Vary", vary, "X-Frame-Options", "DENY", "X-Content-Type-Options", "nosniff"];
  headers.push("Referrer-Policy", "same-origin", "X-Request-ID", `${process.pid}-${(++answered).toString(36)}`);
  if (allow !== "") headers.push("Allow", allow);
  if (ifNoneMatch !== undefined) {
    const etag = etagOf(text);
    headers.push("ETag", etag);
    if (ifNoneMatch.includes(etag)) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  headers.push("Content-Type", "application/json", "Content-Length", String(Buffer.byteLength(text)));
  if (status === 401) headers.push("WWW-Authenticate", 'Bearer realm="api"');
  // Text, not a buffer: head and body then leave in one write.
  response.writeHead(status, headers).end(text);
}

/** Two line separators are escaped, so that the text may stand in a script. */
const escaped = (text: string) =>
  text.includes("\u2028") || text.includes("\u2029")
    ? text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")
    : text;
