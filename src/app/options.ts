/** What an app can be declared with. */
import type { RequestListener } from "node:http";
import type {
  AccountsOptions,
  AuthEventHook,
  PasswordBackends,
  PasswordValidator,
  TokenOptions,
} from "../auth/index.ts";
import type { PagesDeclaration } from "../browsable/index.ts";
import type { MailTransport } from "../mail/index.ts";
import type { FileStorage } from "../media/index.ts";
import type { Model } from "../model/index.ts";
import type { Authenticator, OwnEndpoint, Resource } from "../resource/index.ts";

export interface AppOptions<
  Resources extends { readonly [name: string]: Resource } = { readonly [name: string]: Resource },
  Endpoints extends { readonly [name: string]: OwnEndpoint } = { readonly [name: string]: OwnEndpoint },
> {
  /** By the name in the URL: `/api/v1/<name>/`. */
  readonly resources: Resources;
  /** Endpoints of your own, by the name in the URL. */
  readonly endpoints?: Endpoints;
  /** Models without a resource, so that they too have tables. */
  readonly models?: readonly Model[];
  /** Name of the API, for people. */
  readonly title?: string;
  /** Version of the API, for its document (default `1.0.0`). */
  readonly version?: string;
  /** What the API is for, for its document. */
  readonly description?: string;
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
   * Keeps the files of file fields, in place of the folder MEDIA_ROOT, where they then lie only while they come in.
   * @example
   * defineApp({ resources, storage: inMemory() });
   */
  readonly storage?: FileStorage;
  /**
   * Where static files are put when they are collected, under their hashed names and the path of STATIC_URL: what a CDN answers from
   * (default: nowhere; a CDN fetches them here).
   * @example
   * defineApp({ resources, staticStorage: inMemory(), settings: { staticUrl: "https://cdn.example.com/static/" } });
   */
  readonly staticStorage?: FileStorage;
  /**
   * Defaults of settings; environment and flags are stronger.
   * @example
   * defineApp({ resources, settings: { keysFile: "/run/keys/keys.json", issuer: "https://api.example.com" } });
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * How the pages for people look; false where there are none: then every URL answers in JSON alone, and nobody signs in with a form.
   * @example
   * defineApp({ resources, pages: { styles: ["brand.css"] } });
   * @example
   * defineApp({ resources, pages: false });
   */
  readonly pages?: PagesDeclaration | false;
  /** Answers requests that no route of the API takes, e.g. the handler of another framework. */
  readonly fallback?: RequestListener;
}

/** The names of all of them, for a misspelt one to be found. */
export const optionNames = {
  resources: true,
  endpoints: true,
  models: true,
  title: true,
  version: true,
  description: true,
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
  storage: true,
  staticStorage: true,
  pages: true,
} satisfies Record<keyof AppOptions, true>;

export const tokenOptionNames = { claims: true } satisfies Record<keyof TokenOptions, true>;
