/**
 * The app: the one place where the systems meet.
 *
 * `defineApp` takes the declarations and returns frozen data; `startApp` opens the database, compiles every endpoint once, and
 * gives the listener that a server (`server/`, `cli/`) puts behind its socket.
 */
import type { RequestListener, ServerResponse } from "node:http";
import {
  type Accounts,
  type AccountsOptions,
  type Auth,
  type AuthEventHook,
  accountRates,
  accountWatcher,
  authModels,
  authSettings,
  type Cleaner,
  canonicalNameOf,
  checkBackends,
  createAuth,
  createAuthEvents,
  createCleaner,
  createLockout,
  createPendingTable,
  defineAccounts,
  type PasswordBackends,
  type PasswordValidator,
  type TokenOptions,
} from "./auth/index.ts";
import { assetsDirectory, createPages, loginEndpoints, notFoundPage } from "./browsable/index.ts";
import { checkNames, defineSettings, type Logger, silentLogger, type ValuesOf } from "./config/index.ts";
import { connect, type Database, databaseSettings, defineModels, type Models, Store, tablesOf } from "./db/index.ts";
import { ConfigurationError } from "./errors.ts";
import { createListener, httpSettings } from "./http/index.ts";
import { createOutbox, createTransport, type MailTransport, mailSettings } from "./mail/index.ts";
import { mediaSettings, openMedia } from "./media/index.ts";
import type { Model } from "./model/index.ts";
import {
  type Authenticator,
  createIdempotency,
  createScopes,
  createThrottle,
  type Endpoint,
  jsonRenderer,
  lifecycle,
  modelsOf,
  type OwnEndpoint,
  parseRate,
  type Rate,
  type Resource,
  resourceEndpoints,
  rootEndpoint,
  type Services,
  type Shared,
} from "./resource/index.ts";
import { createCatalogue, type Source, sendPrivately, serveMedia, serveStatic, urlOf } from "./static/index.ts";

/** Everything that an app can be set to, but for its processes. */
export const appSettings = defineSettings({
  ...databaseSettings,
  ...authSettings,
  ...mailSettings,
  ...httpSettings,
  ...mediaSettings,
});
export type AppSettings = ValuesOf<typeof appSettings>;

export interface AppOptions {
  /** By the name in the URL: `/api/v1/<name>/`. */
  readonly resources: { readonly [name: string]: Resource };
  /** Endpoints of your own, by the name in the URL. */
  readonly endpoints?: { readonly [name: string]: OwnEndpoint };
  /** Models without a resource, so that they too have tables. */
  readonly models?: readonly Model[];
  /** Name of the API, for people. */
  readonly title?: string;
  /** Where resources stand (default `/api/v1/`). */
  readonly prefix?: string;
  /** Ways of being known of your own, asked before those of the setting. */
  readonly authenticators?: readonly Authenticator[];
  /**
   * Who is asked, in this order, whether a name and a password are right; `"model"` is the table of accounts (default: that alone).
   * @example
   * defineApp({ resources, backends: ["model", directory] });
   */
  readonly backends?: PasswordBackends;
  /**
   * Rates by scope; the token endpoint's scope is `token`, those of endpoints and resources are their `throttleScope`. Null is no
   * limit.
   * @example
   * defineApp({ resources, endpoints: { report }, throttle: { token: "5/min", report: "100/day" } });
   */
  readonly throttle?: { readonly [scope: string]: string | null };
  /**
   * Told of every event of the audit log, after it was logged: a sign-in, a lock, a token. Nobody waits for it; what it throws is logged.
   * @example
   * defineApp({ resources, onAuthEvent: (event) => event.severity === "critical" && alarm(event.event) });
   */
  readonly onAuthEvent?: AuthEventHook;
  /** What tokens say beside what they always say. */
  readonly tokens?: TokenOptions;
  /**
   * Routes by which people make accounts and look after them (default: none).
   * @example
   * defineApp({ resources, accounts: { site: "https://shop.example.com" } });
   */
  readonly accounts?: AccountsOptions;
  /**
   * What new passwords must be, in place of the four checks of a new Django project.
   * @example
   * defineApp({ resources, passwordValidators: [passwordValidator.minLength(12), passwordValidator.notCommon()] });
   */
  readonly passwordValidators?: readonly PasswordValidator[];
  /**
   * Accounts may have a second factor, a code of an authenticator app; `issuer` is what the app shows beside the name (default: the
   * title).
   * @example
   * defineApp({ resources, secondFactor: { issuer: "My shop" } });
   */
  readonly secondFactor?: boolean | { readonly issuer?: string };
  /** Carries mails away, in place of what the settings say. */
  readonly mail?: MailTransport;
  /**
   * Defaults of settings; environment and flags are stronger.
   * @example
   * defineApp({ resources, settings: { keysFile: "/run/keys/keys.json", issuer: "https://api.example.com" } });
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Answers requests that no route of the API takes, e.g. the handler of another framework. */
  readonly fallback?: RequestListener;
}

/** A declared app: frozen data. */
export interface App
  extends Required<
    Pick<AppOptions, "resources" | "endpoints" | "title" | "prefix" | "settings" | "authenticators" | "tokens">
  > {
  readonly models: Models;
  readonly rates: ReadonlyMap<string, Rate | null>;
  readonly accounts?: Accounts;
  readonly backends?: PasswordBackends;
  readonly secondFactor?: { readonly issuer: string };
  readonly passwordValidators?: readonly PasswordValidator[];
  readonly mail?: MailTransport;
  readonly onAuthEvent?: AuthEventHook;
  readonly fallback?: RequestListener;
}

/**
 * Declares an app.
 *
 * @throws ConfigurationError  a malformed name or prefix, two things under one name, two models of one name
 * @example
 * export default defineApp({ resources: { snacks: resource(Snack) } });
 */
export function defineApp(options: AppOptions): App {
  const {
    resources,
    endpoints = {},
    prefix = "/api/v1/",
    models = [],
    title = "API",
    settings = {},
    throttle = {},
    authenticators = [],
    tokens = {},
    onAuthEvent,
    fallback,
    passwordValidators,
    backends,
    mail,
  } = options;
  const accounts = options.accounts && defineAccounts(options.accounts);
  const secondFactor = options.secondFactor
    ? { issuer: title, ...(options.secondFactor === true ? {} : options.secondFactor) }
    : undefined;
  checkNames("app", options, optionNames, "option");
  if (backends) checkBackends(backends);
  checkNames("app, tokens", tokens, tokenOptionNames, "option");
  if (secondFactor) checkNames("app, secondFactor", secondFactor, { issuer: true }, "option");
  if (!/^\/([\w.-]+\/)*$/.test(prefix))
    throw new ConfigurationError("app, prefix", `expected a path such as /api/v1/, got "${prefix}"`);
  for (const name of [...Object.keys(resources), ...Object.keys(endpoints)]) {
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name))
      throw new ConfigurationError(`app, "${name}"`, "expected a name of lower-case letters, digits, - and _");
    if (name in resources && name in endpoints)
      throw new ConfigurationError(`app, "${name}"`, "is a resource and an endpoint; a path stands for one of them");
  }
  const declared = [...authModels, ...Object.values(resources).flatMap(modelsOf), ...models];
  return Object.freeze({
    resources,
    endpoints,
    prefix,
    title,
    settings,
    authenticators,
    tokens,
    onAuthEvent,
    fallback,
    ...{ accounts, backends, secondFactor, passwordValidators, mail },
    models: defineModels([...new Set(declared)]),
    rates: new Map(
      Object.entries({ ...(accounts ? accountRates : {}), ...throttle }).map(([scope, rate]) => [
        scope,
        rate === null ? null : parseRate(rate, `app, throttle "${scope}"`),
      ]),
    ),
  });
}

const optionNames = {
  resources: true,
  endpoints: true,
  models: true,
  title: true,
  prefix: true,
  authenticators: true,
  backends: true,
  throttle: true,
  tokens: true,
  settings: true,
  onAuthEvent: true,
  fallback: true,
  accounts: true,
  secondFactor: true,
  passwordValidators: true,
  mail: true,
} satisfies Record<keyof AppOptions, true>;

const tokenOptionNames = { claims: true } satisfies Record<keyof TokenOptions, true>;

export interface RunningApp {
  readonly listener: RequestListener;
  /** The listener waits for the end of no body that is not there; what stands behind `fallback` may. */
  readonly optimizeEmptyRequests: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly database: Database;
  readonly services: Services;
  readonly users: Auth["users"];
  readonly secondFactor: Auth["secondFactor"];
  /** The audit log. */
  readonly events: Auth["events"];
  /** Removes expired rows; whoever serves starts it. */
  readonly cleaner: Cleaner;
  /** Everything that is wrong with a password that somebody wants to have. */
  readonly findPasswordIssues: Auth["findPasswordIssues"];
  /** Resolves when what is done after answers is done: mails are sent. */
  settled(): Promise<void>;
  /** Waits for mails and for the database's work, then closes it. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly settings: AppSettings & { readonly trustedProxies?: readonly string[] };
  /** An open database, where `settings.databaseUrl` is not to be opened. */
  readonly database?: Database;
  readonly log?: Logger;
  /** Where static files are served from (default: their sources, uncollected). */
  readonly staticDirectories?: readonly Source[];
  /** Milliseconds since 1970 (default: the system's clock). */
  readonly now?: () => number;
  /** Told which user an answer is for, for the access log. */
  readonly onAnswered?: (response: ServerResponse, userId: number | undefined) => void;
}

/** The folders that static files come from: the app's own, and the style of the pages. */
export const staticSourcesOf = ({ staticDirectory }: Pick<AppSettings, "staticDirectory">): readonly Source[] =>
  [staticDirectory, assetsDirectory].flatMap((directory) => (directory === "" ? [] : [{ directory }]));

/** Headers that Django's security and clickjacking middleware send. */
const securityHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
};

/**
 * Starts an app, without a socket.
 * @throws ConfigurationError  a declaration that does not fit the models, or two endpoints at one path
 * @throws DatabaseUnavailable
 */
export async function startApp(app: App, options: StartOptions): Promise<RunningApp> {
  const { settings } = options;
  if (options.database) return assemble(app, options, options.database);
  const database = await connect(settings.databaseUrl, { maxConnections: settings.databasePoolSize });
  try {
    return await assemble(app, options, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Makes every system, and introduces them to each other. */
async function assemble(app: App, options: StartOptions, database: Database): Promise<RunningApp> {
  const { settings, log = silentLogger, now = Date.now, onAnswered } = options;
  const stores = new Map<Model, Store>();
  const store = (model: Model): Store => {
    const known = stores.get(model) ?? new Store(model, app.models, database.dialect);
    stores.set(model, known);
    return known;
  };
  const events = createAuthEvents({ log, hook: app.onAuthEvent, now });
  const lockout = await createLockout({ settings, database, now, canonicalName: canonicalNameOf(app.backends) });
  const auth = await createAuth({
    ...{ settings, database, store, lockout, events, now, log, backends: app.backends },
    ...{ tokens: app.tokens, passwordValidators: app.passwordValidators, secondFactor: app.secondFactor },
  });
  const outbox =
    app.accounts &&
    createOutbox({ transport: app.mail ?? createTransport(settings), maxWaiting: settings.emailQueueSize, log });
  if (app.accounts) await createPendingTable(database);
  const limited = new Map(Array.from(app.rates).flatMap(([scope, rate]) => (rate ? [[scope, rate]] : [])));
  const throttle = limited.size > 0 ? await createThrottle(database, limited) : undefined;
  const keepsAnswers = Object.values(app.resources).some(({ idempotencyKey }) => idempotencyKey !== undefined);
  const idempotency = keepsAnswers ? await createIdempotency(database) : undefined;
  const media = keepsFiles(app) ? await openMedia(settings) : undefined;
  const reportFault = (
    error: unknown,
    request: { readonly method?: string; readonly path?: string; readonly id: string },
  ): void => {
    const { method, path, id } = request;
    log.error("a request failed", { method, path, request_id: id, error: asError(error) });
  };
  const services: Services = {
    ...{ throttle, idempotency, media },
    ...{
      database,
      models: app.models,
      store,
      table: tablesOf(store),
      now,
      headers: securityHeaders,
      maxBodyBytes: settings.maxBodyBytes,
    },
    scopes: createScopes(Object.values(app.resources)),
    permissionsOf: auth.users.permissionsOf,
    watcherOf: (model) => accountWatcher(events, model),
    onError: reportFault,
    onDenied: ({ user, method, endpoint: { path }, request }) =>
      events.emit("authz_fail", { userId: user?.id, username: user?.username, detail: `${method} ${path}` }, request),
  };
  const catalogue = createCatalogue({ directories: options.staticDirectories ?? staticSourcesOf(settings) });
  const pages = createPages({
    ...{ title: app.title, root: app.prefix, browser: auth.browser },
    asset: (name) => urlOf(catalogue, name),
    endpoints: () => endpoints,
  });
  const shared: Shared = {
    authenticators: [...app.authenticators, ...auth.authenticators],
    renderers: [jsonRenderer, pages],
  };
  const own = endpointsOf(app, shared, services);
  const endpoints: readonly Endpoint[] = [
    ...own,
    ...auth.endpoints(shared),
    ...(app.accounts && outbox
      ? auth.accountEndpoints({ accounts: app.accounts, title: app.title, outbox, throttle }, shared)
      : []),
    ...loginEndpoints({ ...auth, pages }),
  ];
  checkScopes(app, endpoints, own);
  checkPaths(endpoints);
  const onFileError = (error: unknown): void => log.error("a file could not be sent", { error: asError(error) });
  const statics = serveStatic(catalogue, { prefix: "/static/" });
  const files = media?.url.startsWith("/") ? serveMedia({ ...media, onError: onFileError }) : undefined;
  const sendFile = media && sendPrivately({ ...media, onError: onFileError });
  const listener = createListener({
    settings: { trustedProxies: [], ...settings },
    mounted: endpoints.map((endpoint) => ({ endpoint, handle: lifecycle(endpoint, services) })),
    serveStatic: (request, response) => statics(request, response) || (files?.(request, response) ?? false),
    sendFile,
    headers: securityHeaders,
    notFoundPage,
    fallback: app.fallback,
    onAnswered,
    onError: (error, { method, url }, id) => reportFault(error, { method, path: url?.split("?", 1)[0], id }),
  });
  const optimizeEmptyRequests = app.fallback === undefined;
  const settled = async (): Promise<void> => outbox?.settled();
  const close = async (): Promise<void> => {
    await settled();
    await database.close();
  };
  const cleaner = createCleaner({ database, log, now });
  const { users, secondFactor, findPasswordIssues } = auth;
  return {
    ...{ listener, optimizeEmptyRequests, endpoints, database, services, users, secondFactor, findPasswordIssues },
    ...{ events, cleaner, settled, close },
  };
}

/** Whether a model has a file field, so that the folder of files is needed. */
export const keepsFiles = ({ models }: App): boolean =>
  models.all.some(({ fields }) => Object.values(fields).some(({ kind }) => kind === "file"));

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** @throws ConfigurationError  a rate that counts nothing, or a scope of the app's own that has no rate */
function checkScopes({ rates, accounts }: App, endpoints: readonly Endpoint[], own: readonly Endpoint[]): void {
  const scopes = new Set([
    ...endpoints.flatMap(({ throttleScope }) => throttleScope ?? []),
    ...(accounts ? Object.keys(accountRates) : []),
  ]);
  for (const scope of rates.keys()) {
    if (!scopes.has(scope))
      throw new ConfigurationError(
        `app, throttle "${scope}"`,
        `no endpoint has that scope; scopes: ${[...scopes].join(", ")}`,
      );
  }
  for (const { path, throttleScope } of own) {
    if (throttleScope !== undefined && !rates.has(throttleScope))
      throw new ConfigurationError(
        `${path}, throttleScope`,
        `"${throttleScope}" has no rate; expected one in the app's throttle: { "${throttleScope}": "100/hour" }, or null for no limit`,
      );
  }
}

/** @throws ConfigurationError  such as a resource "token" under the prefix `/api/` */
function checkPaths(endpoints: readonly Endpoint[]): void {
  const paths = new Set<string>();
  for (const { path } of endpoints) {
    if (paths.has(path))
      throw new ConfigurationError("app", `two endpoints stand at ${path}; expected another prefix or another name`);
    paths.add(path);
  }
}

function endpointsOf({ prefix, resources, endpoints }: App, shared: Shared, services: Services): Endpoint[] {
  const pathOf = (name: string): string => `${prefix}${name}/`;
  const ofResources = Object.entries(resources).flatMap(([name, resource]) =>
    resourceEndpoints(pathOf(name), name, resource, shared, services),
  );
  // A resource may have rows only, and no list that could be linked.
  const listed = Object.keys(resources).filter((name) => ofResources.some(({ path }) => path === pathOf(name)));
  return [
    rootEndpoint(prefix, listed, shared),
    ...ofResources,
    ...Object.entries(endpoints).map(([name, endpoint]) => endpoint.mount(`${prefix}${name}/`, shared)),
  ];
}
