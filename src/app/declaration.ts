/** The declaration of an app: options in, checked and frozen data out. */
import type { RequestListener } from "node:http";
import {
  type Accounts,
  type AuthEventHook,
  accountRates,
  authModels,
  checkBackends,
  defineAccounts,
  type PasswordBackends,
  type PasswordValidator,
} from "../auth/index.ts";
import { checkPages, type PagesDeclaration } from "../browsable/index.ts";
import { checkNames } from "../config/index.ts";
import { defineModels, type Models } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { MailTransport } from "../mail/index.ts";
import type { FileStorage } from "../media/index.ts";
import { modelsOf, type OwnEndpoint, parseRate, type Rate, type Resource } from "../resource/index.ts";
import { type AppOptions, optionNames, tokenOptionNames } from "./options.ts";

/** A declared app: frozen data. */
export interface App<
  Resources extends { readonly [name: string]: Resource } = { readonly [name: string]: Resource },
  Endpoints extends { readonly [name: string]: OwnEndpoint } = { readonly [name: string]: OwnEndpoint },
> extends Required<
    Pick<AppOptions, "title" | "version" | "description" | "prefix" | "settings" | "authenticators" | "tokens">
  > {
  readonly resources: Resources;
  readonly endpoints: Endpoints;
  readonly models: Models;
  readonly rates: ReadonlyMap<string, Rate | null>;
  readonly accounts?: Accounts;
  readonly backends?: PasswordBackends;
  readonly secondFactor?: { readonly issuer: string };
  readonly passwordValidators?: readonly PasswordValidator[];
  readonly mail?: MailTransport;
  readonly storage?: FileStorage;
  readonly staticStorage?: FileStorage;
  readonly pages: PagesDeclaration | false;
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
export function defineApp<
  const Resources extends { readonly [name: string]: Resource },
  const Endpoints extends { readonly [name: string]: OwnEndpoint } = Record<never, never>,
>(options: AppOptions<Resources, Endpoints>): App<Resources, Endpoints> {
  const {
    resources,
    // Left out, there are none, as the type then says.
    endpoints = {} as Endpoints,
    prefix = "/api/v1/",
    models = [],
    title = "API",
    version = "1.0.0",
    description = "",
    settings = {},
    throttle = {},
    authenticators = [],
    tokens = {},
    onAuthEvent,
    fallback,
    passwordValidators,
    backends,
    mail,
    storage,
    staticStorage,
    pages = {},
  } = options;
  const accounts = options.accounts && defineAccounts(options.accounts);
  const secondFactor = options.secondFactor
    ? { issuer: title, ...(options.secondFactor === true ? {} : options.secondFactor) }
    : undefined;
  checkNames("app", options, optionNames, "option");
  if (pages) checkPages(pages);
  if (backends) checkBackends(backends);
  checkNames("app, tokens", tokens, tokenOptionNames, "option");
  if (secondFactor) checkNames("app, secondFactor", secondFactor, { issuer: true }, "option");
  if (!/^\/([\w.-]+\/)*$/.test(prefix))
    throw new ConfigurationError("app, prefix", `expected a path such as /api/v1/, got "${prefix}"`);
  for (const [option, named] of Object.entries({ resources, endpoints }))
    if (typeof named !== "object" || named === null || Array.isArray(named))
      throw new ConfigurationError(`app, ${option}`, "expected an object, by the names in the URLs: { snacks: … }");
  for (const name of [...Object.keys(resources), ...Object.keys(endpoints)]) {
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name))
      throw new ConfigurationError(`app, "${name}"`, "expected a name of lower-case letters, digits, - and _");
    if (name in resources && name in endpoints)
      throw new ConfigurationError(`app, "${name}"`, "is a resource and an endpoint; a path stands for one of them");
  }
  for (const [name, one] of Object.entries<Partial<Resource> | null>(resources))
    if (one?.model === undefined || one.permissions === undefined)
      throw new ConfigurationError(`app, "${name}"`, "expected a resource, such as resource(Snack)");
  const declared = [...authModels, ...Object.values(resources).flatMap(modelsOf), ...models];
  return Object.freeze({
    resources,
    endpoints,
    prefix,
    title,
    version,
    description,
    settings,
    authenticators,
    tokens,
    onAuthEvent,
    fallback,
    ...{ accounts, backends, secondFactor, passwordValidators, mail, storage, staticStorage, pages },
    models: defineModels([...new Set(declared)]),
    rates: new Map(
      Object.entries({ ...(accounts ? accountRates : {}), ...throttle }).map(([scope, rate]) => [
        scope,
        rate === null ? null : parseRate(rate, `app, throttle "${scope}"`),
      ]),
    ),
  });
}

/** Whether a model has a file field, so that the folder of files is needed. */
export const keepsFiles = ({ models }: App): boolean =>
  models.all.some(({ fields }) => Object.values(fields).some(({ kind }) => kind === "file"));
