/** The one place where the systems meet: opens the database, makes every system, and compiles every endpoint once. */
import type { RequestListener, ServerResponse } from "node:http";
import {
  type Auth,
  accountWatcher,
  type Cleaner,
  canonicalNameOf,
  checkAccountResources,
  createAuth,
  createAuthEvents,
  createCleaner,
  createLockout,
  createPendingTable,
} from "../auth/index.ts";
import { createPages, loginEndpoints, notFoundPage } from "../browsable/index.ts";
import { type Logger, type Measurement, silentLogger, type Tracer } from "../config/index.ts";
import { connect, connectOptionsOf, type Database, queriesOf, storesOf, tablesOf, traced } from "../db/index.ts";
import { createListener, createRequestIds, permitHeld, staticRoute } from "../http/index.ts";
import { createOutbox, createTransport } from "../mail/index.ts";
import { openMedia } from "../media/index.ts";
import {
  docsEndpoint,
  docsFiles,
  hasViewer,
  readersOf,
  type ServedDocument,
  schemaEndpoint,
  servedDocument,
} from "../openapi/index.ts";
import {
  createIdempotency,
  createScopes,
  createThrottle,
  type Endpoint,
  jsonRenderer,
  lifecycle,
  type Services,
  type Shared,
} from "../resource/index.ts";
import {
  createCatalogue,
  findHeldAnswer,
  type HeldFile,
  pathOf,
  type Source,
  sendPrivately,
  serveMedia,
  serveSite,
  serveStatic,
  urlOf,
} from "../static/index.ts";
import { type App, keepsFiles } from "./declaration.ts";
import { checkPaths, checkScopes, endpointsOf } from "./routes.ts";
import { type AppSettings, staticSourcesOf } from "./settings.ts";

interface HeldFiles {
  readonly prefix: string;
  readonly route: string;
  readonly find: NonNullable<ReturnType<typeof permitHeld<HeldFile>>>;
}

export interface RunningApp {
  readonly listener: RequestListener;
  /** The listener waits for the end of no body that is not there; what stands behind `fallback` may. */
  readonly optimizeEmptyRequests: boolean;
  /** Static files that a server can send by itself; undefined where each request has to be looked at. */
  readonly held: HeldFiles | undefined;
  readonly endpoints: readonly Endpoint[];
  /** The OpenAPI document, built when it is asked for. */
  readonly schema: ServedDocument;
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
  /** What the app says of itself in numbers, for the metrics. */
  measure(): readonly Measurement[];
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
  /** Shows statements and hashing as spans. */
  readonly tracer?: Tracer;
  /** Told which user an answer is for, for the access log. */
  readonly onAnswered?: (response: ServerResponse, userId: number | undefined) => void;
  /** Told which route answers, as a pattern, for the metrics. */
  readonly onRouted?: (response: ServerResponse, route: string) => void;
}

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
  const opened = await connect(settings.databaseUrl, connectOptionsOf(settings));
  const database = options.tracer ? traced(opened, options.tracer) : opened;
  try {
    return await assemble(app, options, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Makes every system, and introduces them to each other. */
async function assemble(app: App, options: StartOptions, database: Database): Promise<RunningApp> {
  const { settings, log = silentLogger, now = Date.now, onAnswered, onRouted } = options;
  const store = storesOf(app.models, database.dialect);
  const events = createAuthEvents({ log, hook: app.onAuthEvent, now });
  const lockout = await createLockout({ settings, database, now, canonicalName: canonicalNameOf(app.backends) });
  const auth = await createAuth({
    ...{ settings, database, store, lockout, events, now, log, backends: app.backends, tracer: options.tracer },
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
  const media = keepsFiles(app) ? await openMedia(settings, app.storage) : undefined;
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
      queries: queriesOf(app.models),
      now,
      log,
      headers: securityHeaders,
      maxBodyBytes: settings.maxBodyBytes,
    },
    scopes: createScopes(Object.values(app.resources)),
    permissionsOf: auth.users.permissionsOf,
    watcherOf: (model) => accountWatcher(auth, model),
    onError: reportFault,
    onDenied: ({ user, method, endpoint: { path }, request }) =>
      events.emit("authz_fail", { userId: user?.id, username: user?.username, detail: `${method} ${path}` }, request),
  };
  const looksAgain = options.staticDirectories === undefined;
  const catalogue = createCatalogue({
    directories: options.staticDirectories ?? staticSourcesOf(settings),
    ...(looksAgain && { looksAgain, maxAgeSeconds: 0, ignore: settings.staticIgnore }),
  });
  const { title, version, description, prefix: root } = app;
  const pages =
    app.pages &&
    createPages({
      ...{ title, version, description, root, browser: auth.browser, declared: app.pages },
      // From this host, whatever others fetch of it: pages let nothing in from elsewhere.
      asset: (name) => urlOf(catalogue, name, pathOf(settings.staticUrl)),
      endpoints: () => endpoints,
    });
  const shared: Shared = {
    authenticators: [...app.authenticators, ...auth.authenticators],
    renderers: pages ? [jsonRenderer, pages] : [jsonRenderer],
  };
  const own = endpointsOf(app, shared, services);
  const described: readonly Endpoint[] = [
    ...own,
    ...auth.endpoints(shared, app.accounts && outbox && { accounts: app.accounts, title: app.title, outbox }),
    ...(app.accounts && outbox
      ? auth.accountEndpoints({ accounts: app.accounts, title: app.title, outbox, throttle }, shared)
      : []),
  ];
  const limitedScopes = new Set(limited.keys());
  const schema = servedDocument({
    ...{ title, version, description, prefix: app.prefix, services },
    ...{ endpoints: described, limited: limitedScopes },
  });
  const [readers, schemaPath] = [readersOf(settings), "/api/schema/"];
  const docs = { path: "/api/docs/", authenticators: shared.authenticators };
  const endpoints: readonly Endpoint[] = [
    ...described,
    ...(pages ? loginEndpoints({ ...auth, pages }) : []),
    ...(readers ? [schemaEndpoint({ path: schemaPath, permissions: readers, ...shared, served: schema })] : []),
    ...(readers && settings.schemaDocs
      ? [
          docsEndpoint({
            ...{ ...docs, permissions: readers, title, schemaPath, root: app.prefix },
            ...{
              loginPath: pages ? pages.site.loginPath : undefined,
              csrfCookie: auth.browser.csrf.name,
              hasViewer: hasViewer(),
            },
          }),
          docsFiles({ ...docs, permissions: readers }),
        ]
      : []),
  ];
  checkScopes(app, endpoints, own);
  checkPaths(endpoints);
  checkAccountResources(app.resources);
  const onFileError = (error: unknown): void => log.error("a file could not be sent", { error: asError(error) });
  const prefix = pathOf(settings.staticUrl);
  const requestIdOf = createRequestIds(settings.trustedProxies ?? []);
  const telling = { onError: onFileError, requestIdOf };
  const statics = serveStatic(catalogue, { prefix, ...telling });
  const findHeld = permitHeld(findHeldAnswer(catalogue, prefix), { trustedProxies: [], ...settings });
  const held = findHeld && { prefix, route: staticRoute, find: findHeld };
  const apart = [`/${app.prefix.split("/")[1] ?? ""}/`, prefix, media?.url ?? "/media/"];
  const site = serveSite(settings, { apart, looksAgain, ...telling });
  const files = media?.url.startsWith("/") ? serveMedia({ ...media, ...telling }) : undefined;
  const sendFile = sendPrivately({ find: media?.find, onError: onFileError });
  const listener = createListener({
    settings: { trustedProxies: [], ...settings },
    mounted: endpoints.map((endpoint) => ({ endpoint, handle: lifecycle(endpoint, services) })),
    serveStatic: (request, response) => statics(request, response) || (files?.(request, response) ?? false),
    serveSite: site,
    sendFile,
    headers: securityHeaders,
    notFoundPage: notFoundPage(pages ? pages.site : undefined),
    fallback: app.fallback,
    onAnswered,
    onRouted,
    onHostRefused: (host) => log.warning("requests ask for a host that ALLOWED_HOSTS does not name", { host }),
    onError: (error, { method, url }, id) => reportFault(error, { method, path: url?.split("?", 1)[0], id }),
  });
  const optimizeEmptyRequests = app.fallback === undefined;
  const settled = async (): Promise<void> => outbox?.settled();
  const close = async (): Promise<void> => {
    await settled();
    await database.close();
  };
  const cleaner = createCleaner({ database, log, now });
  const measure = (): readonly Measurement[] => [
    ...events.measure(),
    ...auth.measure(),
    ...(throttle?.measure() ?? []),
    ...(database.measure?.() ?? []),
  ];
  const { users, secondFactor, findPasswordIssues } = auth;
  return {
    ...{
      listener,
      held,
      optimizeEmptyRequests,
      endpoints,
      database,
      services,
      users,
      secondFactor,
      findPasswordIssues,
    },
    ...{ events, cleaner, schema, measure, settled, close },
  };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
