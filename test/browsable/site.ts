/**
 * A site of one small shelf without a database: what the tests of pages ask.
 */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { type Browser, createBrowser, sessionSettings } from "../../src/auth/index.ts";
import { createPages, type Pages } from "../../src/browsable/index.ts";
import { readSettings } from "../../src/config/index.ts";
import { ValidationError } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import {
  type Authenticator,
  createSerializer,
  type Endpoint,
  jsonRenderer,
  lifecycle,
  permission,
  Request,
  type Response,
  type Result,
  type Services,
  type User,
} from "../../src/resource/index.ts";

export const alice: User = { id: 3, username: "alice", is_active: true, is_staff: false, is_superuser: false };

/** A cookie and a token that hide the same secret. */
export const csrfPair = { cookie: `csrftoken=${"a".repeat(64)}`, token: "a".repeat(64) };

export const Book = model("shelf.book", {
  fields: {
    title: field.text({ maxLength: 100, help: "As it stands on the cover." }),
    notes: field.text({ blank: true }),
    pages: field.integer({ min: 1, max: 5000 }),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2, default: "9.90" }),
    in_print: field.boolean({ default: true }),
    genre: field.choice({
      choices: [
        ["poetry", "Poetry"],
        ["science", "Science"],
      ],
    }),
    published_at: field.datetime({ null: true }),
    author: field.foreignKey("shelf.author"),
    tags: field.manyToMany("shelf.tag", { blank: true }),
    metadata: field.json({ null: true }),
    created_at: field.createdAt(),
  },
});

export const row = {
  id: 7,
  title: "Alice & <b>Bob</b>",
  notes: "",
  pages: 12,
  price: "3.50",
  in_print: false,
  genre: "science",
  published_at: "2024-01-31T08:00:00.500000Z",
  author: 4,
  tags: [2, 5],
  metadata: { shelf: 'A"1' },
  created_at: "2024-01-01T00:00:00Z",
};

/** Signs in whoever sends the header `x-user`; stands for a session. */
const header: Authenticator = {
  name: "session",
  authenticate: ({ request }) => (request.headers["x-user"] === undefined ? undefined : { user: alice }),
};

export const services = {
  now: () => 1_700_000_000_000,
  maxBodyBytes: 1_000_000,
  headers: {},
  database: { refresh: () => undefined },
  permissionsOf: async () => new Set<string>(),
  onError: (error: unknown) => {
    throw error;
  },
} as unknown as Services;

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Answer extends Omit<Response, "body"> {
  readonly body: string;
  readonly cookies: readonly string[];
}

export interface TestSite {
  readonly pages: Pages;
  readonly endpoints: readonly Endpoint[];
  /** What the actions were run with: method, and the body where they read one. */
  readonly done: unknown[];
  ask(sent: Sent): Promise<Answer>;
}

/** The cookies as they are where nothing is set. */
export const browserOf = (trustedOrigins: readonly string[] = []): Browser =>
  createBrowser({ ...readSettings(sessionSettings, { environment: {} }), trustedOrigins });

/**
 * @param permissions  default: anyone reads, who is signed in writes
 * @param further      endpoints beside those of the shelf
 */
export function createTestSite(
  permissions = [permission.authenticatedOrReadOnly()],
  further: readonly (Pick<Endpoint, "path" | "name"> & Partial<Endpoint>)[] = [],
): TestSite {
  const done: unknown[] = [];
  const input = createSerializer(Book.fields);
  const endpoints: Endpoint[] = [];
  const pages = createPages({
    title: "Shelf",
    asset: (name) => `/static/${name}`,
    root: "/api/",
    browser: browserOf(),
    endpoints: () => endpoints,
  });
  const common = {
    authenticators: [header],
    permissions,
    renderers: [jsonRenderer, pages] as const,
    formatSuffix: true,
  };
  const show = (status: number, data?: unknown) => ({ status, data });
  const did = (method: string, result: Result): Result => {
    done.push([method]);
    return result;
  };
  const writing = (name: string, status: number) => ({
    name,
    input,
    run: async (context: Parameters<Endpoint["actions"][string]["run"]>[0]) => {
      const values = await input.read(await context.body(), { executor: context.services.database });
      done.push([context.method, values]);
      return show(status, { id: 8, ...values });
    },
  });
  const envelope = { count: 21, next: "http://shelf.test/api/books/?page=2", previous: null, results: [row] };
  endpoints.push(
    {
      ...common,
      ...{ path: "/api/", name: "Api Root", description: "Every resource.", isRoot: true },
      actions: { GET: { name: "root", run: async () => show(200, { books: "http://shelf.test/api/books/" }) } },
    },
    {
      ...common,
      ...{ path: "/api/books/", name: "Book List", description: "Books that we have.", model: Book, on: "list" },
      actions: { GET: { name: "list", run: async () => show(200, envelope) }, POST: writing("create", 201) },
    },
    {
      ...common,
      ...{ path: "/api/books/:pk/publish/", name: "Publish", description: "", model: Book, on: "detail" },
      actions: { POST: { name: "publish", run: async () => show(200, row) } },
    },
    {
      ...common,
      ...{ path: "/api/books/:pk/", name: "Book Instance", description: "", model: Book, on: "detail" },
      actions: {
        GET: { name: "retrieve", run: async () => show(200, row) },
        PUT: writing("update", 200),
        PATCH: { name: "partialUpdate", input, run: async ({ method }) => did(method, show(200, row)) },
        DELETE: { name: "delete", run: async ({ method }) => did(method, show(204)) },
      },
    },
    {
      ...common,
      ...{ path: "/api/broken/", name: "Broken", description: "" },
      actions: {
        GET: {
          name: "broken",
          run: async () => {
            throw new ValidationError({ filter: [{ code: "invalid", message: "Not <i>this</i>." }] });
          },
        },
      },
    },
  );
  for (const one of further) endpoints.push({ ...common, description: "", actions: {}, ...one });
  const mounted = endpoints.map((endpoint) => ({ endpoint, handle: lifecycle(endpoint, services) }));
  return {
    pages,
    endpoints,
    done,
    async ask(sent) {
      const [path = ""] = sent.path.split("?");
      const found = mounted.find(({ endpoint }) => endpoint === pages.site.pages.at(path));
      if (!found) throw new TypeError(`no page at ${path}`);
      return answerOf(await found.handle(requestOf(sent, path)));
    },
  };
}

export const answerOf = (response: Response): Answer => ({
  ...response,
  body: String(response.body),
  cookies: [response.headers["set-cookie"] ?? []].flat().map(String),
});

/** A request as the listener makes them, from plain values. */
export function requestOf({ method = "GET", path: url, headers = {}, form }: Sent, path = url): Request {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.url = url;
  message.headers = { accept: "text/html", host: "shelf.test", ...headers };
  if (form) {
    const body = Buffer.from(new URLSearchParams(form).toString());
    message.headers["content-type"] = "application/x-www-form-urlencoded";
    message.headers["content-length"] = String(body.length);
    message.push(body);
  }
  message.push(null);
  const [, pk] = /^\/api\/books\/([^/]+)\//.exec(path) ?? [];
  return new Request({ message, params: { pk }, scheme: "http", host: "shelf.test", address: "127.0.0.1" });
}
