/** An app with accounts, whose mails a test reads. */
import { type AccountsOptions, type AppOptions, defineApp, type Mail } from "../../../src/index.ts";
import { startTestApp, type TestAppOptions } from "../../app.ts";
import type { TestDatabase } from "../../databases.ts";

export const site = "https://shop.example.com";

export interface MailedLink {
  readonly uid: string;
  readonly token: string;
}

export async function startAccounts(
  test: TestDatabase,
  accounts: Partial<AccountsOptions> = {},
  { app = {}, ...options }: TestAppOptions & { readonly app?: Partial<AppOptions> } = {},
) {
  const sent: Mail[] = [];
  const declared = defineApp({
    ...{ resources: {}, title: "Shop", accounts: { site, ...accounts } },
    mail: { send: async (mail) => void sent.push(mail) },
    ...app,
  });
  const started = await startTestApp(declared, test, options);
  return {
    ...started,
    /** Posts to a route of accounts, and waits for the mails. */
    async post(route: string, json: unknown, headers: Readonly<Record<string, string>> = {}) {
      const answer = await started.client("POST", `/auth/users/${route}`, { json, headers });
      await started.settled();
      return answer;
    },
    /** The mails since this was asked last. */
    mails: (): readonly Mail[] => sent.splice(0),
    signIn: (username: string, password: string) =>
      started.client("POST", "/api/token/", { json: { username, password } }),
  };
}

/** What the link of a mail would send back. */
export function linkIn(mail: Mail | undefined): MailedLink {
  const [, uid = "", token = ""] = /\/#\/[a-z-]+\/([\w-]+)\/([\w-]+)/.exec(mail?.text ?? "") ?? [];
  return { uid, token };
}
