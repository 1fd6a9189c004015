/**
 * The state of one request on its way through the lifecycle: who asks, for what, and what the answer must carry.
 *
 * What own code calls (`body`, `hasPermission`, `table`) is a getter that makes the function when it is asked for: so it may be taken
 * out of the context, `({ user, table }) => …`, and a request that asks for none pays for none.
 */
import { type Logger, withFields } from "../config/index.ts";
import type { Awaitable, Table } from "../db/index.ts";
import { Uploads } from "../media/index.ts";
import type { Model } from "../model/index.ts";
import type { Authenticator, Identity, User } from "./authentication.ts";
import { type Body, openBody } from "./body.ts";
import type { Action, Endpoint } from "./endpoint.ts";
import type { TakeFile } from "./multipart.ts";
import type { Renderer } from "./renderers.ts";
import type { Request } from "./request.ts";
import type { Form } from "./serializer/form.ts";
import type { Services } from "./services.ts";
import { workIn } from "./work.ts";

/** What a form says in place of headers. */
export interface StatedHeaders {
  readonly ifMatch?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export class Context {
  readonly request: Request;
  readonly endpoint: Endpoint;
  readonly services: Services;
  #method: string;
  #action: Action | undefined;
  /** Milliseconds since 1970, the same for the whole request. */
  readonly now: number;
  identity: Identity | undefined;
  authenticator: Authenticator | undefined;
  renderer: Renderer;
  /** Parameters of the accepted media type, e.g. `indent`. */
  mediaParameters: Readonly<Record<string, string>> = {};
  #vary = "Accept";
  #cookies: string[] | undefined;
  #body: Promise<unknown> | undefined;
  #read: (() => Promise<unknown>) | undefined;
  #incoming: Body | undefined;
  #uploads: Uploads | undefined;
  #stated: StatedHeaders | undefined;
  #log: Logger | undefined;
  #permissions: Promise<ReadonlySet<string>> | undefined;

  constructor(request: Request, endpoint: Endpoint, services: Services, method = request.method) {
    this.request = request;
    this.#method = method;
    this.endpoint = endpoint;
    this.services = services;
    this.now = services.now();
    this.renderer = endpoint.renderers[0];
    this.#action = actionOf(endpoint, method);
  }

  /** The method asked for; another than the request's where somebody asks "what if" (`as`) or a form says so (`actAs`). */
  get method(): string {
    return this.#method;
  }

  /** The action of the method; undefined where there is none (405). */
  get action(): Action | undefined {
    return this.#action;
  }

  /** The same request as if it had another method, or another endpoint: for questions such as "may this user delete this?". */
  as(method: string, endpoint = this.endpoint): Context {
    const other = new Context(this.request, endpoint, this.services, method);
    other.identity = this.identity;
    other.authenticator = this.authenticator;
    other.#permissions = this.#permissions;
    // A body comes once: who asks for it again would wait for ever.
    other.#read = () => this.body();
    return other;
  }

  /**
   * From now on this is a request with another method, and with the body that `read` gives when it is asked for.
   * @param stated  stands for headers, which a form cannot send
   */
  actAs(method: string, read: () => Promise<unknown>, stated?: StatedHeaders): void {
    this.#stated = stated;
    this.#method = method;
    this.#action = actionOf(this.endpoint, method);
    this.#read = read;
    this.#body = undefined;
  }

  /** GET, HEAD or OPTIONS: changes nothing (RFC 9110 section 9.2.1). */
  get isSafe(): boolean {
    return this.method === "GET" || this.method === "HEAD" || this.method === "OPTIONS";
  }

  /** The value of `If-Match`, if there is one. */
  get ifMatch(): string | undefined {
    return this.#stated?.ifMatch ?? this.request.headers["if-match"];
  }

  /** The value of `Idempotency-Key`, if there is one. */
  get idempotencyKey(): string | undefined {
    const sent = this.request.headers["idempotency-key"];
    return this.#stated?.idempotencyKey ?? (Array.isArray(sent) ? sent.join(", ") : sent);
  }

  /** The value of `If-None-Match`, if there is one. */
  get ifNoneMatch(): string | undefined {
    return this.request.headers["if-none-match"];
  }

  /** The signed-in user, or undefined. */
  get user(): User | undefined {
    return this.identity?.user;
  }

  /**
   * The claims of the token that the user was known by, or undefined.
   * @example
   * const inTeam: Permission = {
   *   name: "in a team",
   *   check: ({ claims }) => Array.isArray(claims?.teams) && claims.teams.length > 0,
   * };
   */
  get claims(): Readonly<Record<string, unknown>> | undefined {
    const credentials = this.identity?.credentials;
    return typeof credentials === "object" && credentials !== null
      ? (credentials as Readonly<Record<string, unknown>>)
      : undefined;
  }

  /** The key in the URL, as it was sent. */
  get key(): string {
    return this.request.params.pk ?? "";
  }

  /**
   * The parsed body; read when it is first asked for, so that nobody's upload is read before they are allowed to send it.
   * @throws ParseError | UnsupportedMediaType | PayloadTooLarge
   */
  get body(): () => Promise<unknown | Form> {
    return () => {
      this.#body ??= this.#read ? this.#read() : this.sent();
      return this.#body;
    };
  }

  /** The body as it was sent, whatever method a form asks for (`actAs`). Files go to the fields of the action. */
  sent(): Promise<unknown | Form> {
    return this.#open().whole(this.#taker());
  }

  /**
   * What was sent before the first file, which may be asked about before anybody is allowed to send files; all of it, where there is
   * none.
   * @throws ParseError | UnsupportedMediaType | PayloadTooLarge
   */
  preview(): Promise<unknown | Form> {
    return this.#read ? this.body() : this.#open().before;
  }

  #open(): Body {
    if (this.#incoming) return this.#incoming;
    const { maxBodyBytes: maxBytes, media } = this.services;
    const takesFiles = media && Object.values(this.endpoint.actions).some(({ input }) => input?.files);
    this.#incoming = openBody(this.request, {
      ...{ maxBytes, maxFileBytes: takesFiles ? media.maxBytes : 0, maxFiles: media?.maxFiles ?? 0 },
    });
    return this.#incoming;
  }

  #taker(): TakeFile | undefined {
    const files = this.action?.input?.files;
    const { media } = this.services;
    if (!files || !media) return undefined;
    this.#uploads ??= new Uploads({ media, now: this.now, hashes: this.idempotencyKey !== undefined });
    const uploads = this.#uploads;
    return (name, sentName, stream) => {
      const target = files.get(name);
      return target && uploads.receive(name, target, sentName, stream);
    };
  }

  /** Moves the files that values name to their place; the values have the paths they have there. They go again unless they are kept. */
  placeFiles<V extends Readonly<Record<string, unknown>>>(values: V): Awaitable<V> {
    return this.#uploads ? this.#uploads.place(values) : values;
  }

  /** What names the files is committed: they stay. */
  keepFiles(): void {
    this.#uploads?.keep();
  }

  /** The request was answered: the rest of its body is not read, files that were not kept go. */
  end(): Promise<void> | undefined {
    this.#incoming?.stop();
    return this.#uploads?.end((error) => this.services.onError(error, this.request));
  }

  /** Whether the user has a permission of Django's, such as `shop.add_book`; superusers have every one. */
  get hasPermission(): (permission: string) => Promise<boolean> {
    return async (permission) => {
      const { user } = this;
      if (!user?.is_active) return false;
      if (user.is_superuser) return true;
      this.#permissions ??= this.services.permissionsOf(user);
      return (await this.#permissions).has(permission);
    };
  }

  /** The rows of a model, for permissions and authenticators; scope and permissions are not asked. */
  get table(): <M extends Model>(model: M) => Table<M> {
    return (model) => workIn(this.services.database, this).table(model);
  }

  /** The application's log; each line that is written with it has the id of the request. */
  get log(): Logger {
    this.#log ??= withFields(this.services.log, { request_id: this.request.id });
    return this.#log;
  }

  /** Names a request header that the answer depends on. */
  vary(header: string): void {
    if (!this.#vary.includes(header)) this.#vary += `, ${header}`;
  }

  get varies(): string {
    return this.#vary;
  }

  /** Adds a `Set-Cookie` header. */
  setCookie(cookie: string): void {
    this.#cookies ??= [];
    this.#cookies.push(cookie);
  }

  get cookies(): string[] | undefined {
    return this.#cookies;
  }
}

const actionOf = ({ actions }: Endpoint, method: string): Action | undefined =>
  actions[method === "HEAD" ? "GET" : method];
