/**
 * The contract of whatever carries mails away, and the three there are: SMTP, the console, and files.
 *
 * Reference: django.core.mail.backends.
 */
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "../errors.ts";
import type { Mail } from "./mail.ts";
import type { MailSettings } from "./settings.ts";
import { createSmtp } from "./smtp.ts";

/**
 * Carries a mail away: to a server, or to where a test looks.
 *
 * @example
 * const provider: MailTransport = {
 *   async send({ to, subject, text }) {
 *     const answer = await fetch("https://mail.example.com/send", { method: "POST", body: JSON.stringify({ to, subject, text }) });
 *     if (!answer.ok) throw new Error(`the provider answered ${answer.status}`);
 *   },
 * };
 */
export interface MailTransport {
  /** Resolves when the mail is in other hands, and rejects where nobody took it. Addresses and subject are checked before. */
  send(mail: Mail): Promise<void>;
}

/** Writes mails to standard output, for development. */
export const createConsole = (from: string, print: (text: string) => void = console.log): MailTransport => ({
  send: async (mail) => print(readable(mail, from)),
});

/** Writes each mail to a file of its own, which only its owner may read: what stands in it opens accounts. */
export const createFiles = (directory: string, from: string): MailTransport => ({
  async send(mail) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(join(directory, `${randomUUID()}.txt`), `${readable(mail, from)}\n`, { mode: 0o600 });
  },
});

const readable = ({ to, subject, text }: Mail, from: string): string =>
  `From: ${from}\nTo: ${to}\nSubject: ${subject}\n\n${text}`;

/** @throws ConfigurationError  settings that do not go together */
export function createTransport(settings: MailSettings): MailTransport {
  const { emailBackend, emailFilePath, defaultFromEmail } = settings;
  if (emailBackend === "console") return createConsole(defaultFromEmail);
  if (emailBackend === "smtp") return createSmtp(settings);
  if (emailFilePath === "")
    throw new ConfigurationError("EMAIL_FILE_PATH", "expected a folder, as EMAIL_BACKEND is file");
  return createFiles(emailFilePath, defaultFromEmail);
}
