/**
 * What an app declares of its accounts, checked when the app file is loaded.
 * Reference: the settings of djoser (`SEND_ACTIVATION_EMAIL`, `ACTIVATION_URL`, `PASSWORD_RESET_CONFIRM_URL`, …).
 */
import { checkNames } from "../../config/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { type AccountMails, defaultMails } from "./mails.ts";

/** Pages of the front end that links in mails lead to; `{uid}` and `{token}` are put in. */
export interface AccountLinks {
  readonly activation: string;
  readonly resetPassword: string;
  readonly resetUsername: string;
  readonly email: string;
}

/**
 * Accounts that people make and look after themselves.
 * @example
 * defineApp({ resources, accounts: { site: "https://shop.example.com" } });
 */
export interface AccountsOptions {
  /** Address of the front end; links in mails begin with it, whatever host a request named. */
  readonly site: string;
  /** Where the routes stand (default `/auth/users/`). */
  readonly path?: string;
  /** Anybody may register (default true). */
  readonly registration?: boolean;
  /** A new account is of no use until a link in a mail was followed (default true). */
  readonly activation?: boolean;
  /** What people tell of themselves, beside name and address (default: nothing). */
  readonly fields?: readonly ("first_name" | "last_name")[];
  /** Paths on the site, or whole URLs (default: `/#/activate/{uid}/{token}` and the like). */
  readonly links?: Partial<AccountLinks>;
  /** Mails that say something else than ours. */
  readonly mails?: Partial<AccountMails>;
}

export interface Accounts extends Required<Omit<AccountsOptions, "links" | "mails">> {
  readonly links: AccountLinks;
  readonly mails: AccountMails;
}

const defaultLinks: AccountLinks = {
  // Behind a #, so that no server and no `Referer` sees the token.
  activation: "/#/activate/{uid}/{token}",
  resetPassword: "/#/reset-password/{uid}/{token}",
  resetUsername: "/#/reset-username/{uid}/{token}",
  email: "/#/confirm-email/{uid}/{token}",
};

/** How often somebody may ask, by scope; `throttle` of the app is stronger. */
export const accountRates = {
  account_register: "20/hour",
  /** Mails that a client asks for. */
  account_mail: "20/hour",
  /** Mails to one address, whoever asks: what comes above it is not sent. */
  account_inbox: "5/hour",
  /** Tokens that are tried. */
  account_confirm: "60/hour",
  /** Present passwords that are tried. */
  account_password: "30/hour",
} as const;

const optionNames = {
  ...{ site: true, path: true, registration: true, activation: true, fields: true, links: true, mails: true },
} satisfies Record<keyof AccountsOptions, true>;

/** @throws ConfigurationError  an option that is unknown or malformed */
export function defineAccounts(options: AccountsOptions): Accounts {
  const {
    site,
    path = "/auth/users/",
    registration = true,
    activation = true,
    fields = [],
    links = {},
    mails = {},
  } = options;
  checkNames("app, accounts", options, optionNames, "option");
  checkNames("app, accounts, links", links, defaultLinks, "link");
  checkNames("app, accounts, mails", mails, defaultMails, "mail");
  const fail = (option: string, expected: string): never => {
    throw new ConfigurationError(`app, accounts, ${option}`, expected);
  };
  if (!isSite(site)) fail("site", `expected an address such as https://shop.example.com, got "${site}"`);
  if (!/^\/([\w.-]+\/)+$/.test(path)) fail("path", `expected a path such as /auth/users/, got "${path}"`);
  for (const name of fields) {
    if (name !== "first_name" && name !== "last_name")
      fail("fields", `expected first_name or last_name, got "${name}"`);
  }
  const whole = Object.entries({ ...defaultLinks, ...links }).map(([name, link]) => {
    if (!link.includes("{uid}") || !link.includes("{token}"))
      fail(`links, ${name}`, `expected a link with {uid} and {token} in it, got "${link}"`);
    return [name, URL.canParse(link) ? link : site.replace(/\/$/, "") + link];
  });
  return Object.freeze({
    ...{ site, path, registration, activation, fields },
    links: Object.fromEntries(whole) as Record<keyof AccountLinks, string>,
    mails: { ...defaultMails, ...mails },
  });
}

/** HTTPS, or a machine of one's own. */
function isSite(text: unknown): boolean {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || url.search !== "" || url.hash !== "") return false;
  return (
    url.protocol === "https:" || (url.protocol === "http:" && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  );
}
