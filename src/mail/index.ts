/** Mail: what it is, what carries it, and the queue in front. */
export { checkMail, type Mail, MailRefused } from "./mail.ts";
export { createOutbox, type Outbox, type OutboxOptions } from "./outbox.ts";
export { type MailSettings, mailSettings } from "./settings.ts";
export { createSmtp, type SmtpOptions } from "./smtp.ts";
export { createConsole, createFiles, createTransport, type MailTransport } from "./transport.ts";
