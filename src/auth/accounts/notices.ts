/**
 * Mails of accounts, put together; and those that tell an account what happened to it, sent after the answer.
 * Reference: OWASP ASVS 5.0 6.3.7.
 */
import type { Mail, Outbox } from "../../mail/index.ts";
import type { UserRow } from "../models.ts";
import type { AccountMails } from "./mails.ts";
import type { Accounts } from "./options.ts";

type Receiver = Pick<UserRow, "username" | "email">;

export interface NoticesOptions {
  readonly accounts: Pick<Accounts, "mails" | "site">;
  /** Name of the app. */
  readonly title: string;
  readonly outbox: Outbox;
}

export interface Notices {
  /** A mail to an address: that of the account, unless another is named. */
  mail(kind: keyof AccountMails, user: Receiver, link?: string, to?: string): Mail;
  /** Tells an account what happened to it. */
  tell(kind: keyof AccountMails, user: Receiver, to?: string): void;
}

export function createNotices({ accounts: { mails, site }, title, outbox }: NoticesOptions): Notices {
  const mail: Notices["mail"] = (kind, { username, email }, link = site, to = email) => ({
    to,
    ...mails[kind]({ title, username, link }),
  });
  return {
    mail,
    tell(kind, user, to = user.email) {
      if (to !== "") outbox.report(kind, async () => [mail(kind, user, undefined, to)]);
    },
  };
}
