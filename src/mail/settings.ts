/** The settings of mail; their names are Django's. */
import { boolean, defineSettings, integer, oneOf, secondsOrDuration, text, type ValuesOf } from "../config/index.ts";

export const mailSettings = defineSettings({
  emailBackend: {
    name: "EMAIL_BACKEND",
    default: "smtp",
    parse: oneOf("smtp", "console", "file"),
    description: "Where mails go; console and file are for development, as mails hold links that open accounts.",
  },
  emailHost: {
    name: "EMAIL_HOST",
    default: "localhost",
    parse: text({ minLength: 1 }),
    description: "SMTP server.",
  },
  emailPort: {
    name: "EMAIL_PORT",
    default: 25,
    parse: integer({ min: 1, max: 65_535 }),
    description: "Its port: 587 with EMAIL_USE_TLS, 465 with EMAIL_USE_SSL.",
  },
  emailHostUser: {
    name: "EMAIL_HOST_USER",
    default: "",
    parse: text(),
    description: "Name to sign in to it with; empty for none.",
  },
  emailHostPassword: {
    name: "EMAIL_HOST_PASSWORD",
    default: "",
    defaultText: "none",
    parse: text(),
    secret: true,
    description: "Password to sign in to it with.",
  },
  emailUseTls: {
    name: "EMAIL_USE_TLS",
    default: false,
    parse: boolean(),
    description: "Begin in clear and insist on encryption (STARTTLS) before anything is sent.",
  },
  emailUseSsl: {
    name: "EMAIL_USE_SSL",
    default: false,
    parse: boolean(),
    description: "Encrypt from the first byte.",
  },
  emailTimeoutSeconds: {
    name: "EMAIL_TIMEOUT",
    default: 10,
    parse: secondsOrDuration({ min: 0.1, max: 600 }),
    unit: "seconds",
    description: "How long the server may be silent, at each step.",
  },
  emailFilePath: {
    name: "EMAIL_FILE_PATH",
    default: "",
    parse: text(),
    description: "Folder that mails are written to with EMAIL_BACKEND=file.",
  },
  defaultFromEmail: {
    name: "DEFAULT_FROM_EMAIL",
    default: "webmaster@localhost",
    parse: text({ minLength: 3 }),
    description: "Sender of mails, with or without a name: Shop <shop@example.com>.",
  },
  emailQueueSize: {
    name: "EMAIL_QUEUE_SIZE",
    default: 1000,
    parse: integer({ min: 1 }),
    description: "Mails that may wait in a worker; what asks for one more is answered with 503.",
  },
});

export type MailSettings = ValuesOf<typeof mailSettings>;
