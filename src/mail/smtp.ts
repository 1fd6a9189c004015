/**
 * Mail by SMTP, by nodemailer, which is loaded with the first mail.
 *
 * A connection a mail, as Django makes it: a server that ends idle connections then loses nothing.
 * Reference: django.core.mail.backends.smtp.EmailBackend; RFC 5321, RFC 3207 (STARTTLS), RFC 3834 (`Auto-Submitted`).
 * Differs: a server's certificate is verified; a password is not sent over a line that others can read; there is a timeout.
 */
import { ConfigurationError } from "../errors.ts";
import type { MailSettings } from "./settings.ts";
import type { MailTransport } from "./transport.ts";

export interface SmtpOptions
  extends Pick<
    MailSettings,
    | "emailHost"
    | "emailPort"
    | "emailHostUser"
    | "emailHostPassword"
    | "emailUseTls"
    | "emailUseSsl"
    | "emailTimeoutSeconds"
    | "defaultFromEmail"
  > {
  /** A certificate, PEM, that is trusted as well as those of the system. */
  readonly ca?: string;
}

const own = new Set(["localhost", "127.0.0.1", "::1"]);

/** @throws ConfigurationError  settings that do not go together */
export function createSmtp(options: SmtpOptions): MailTransport {
  const { emailHost: host, emailPort: port, emailHostUser: user, emailHostPassword: pass } = options;
  const { emailUseTls, emailUseSsl, defaultFromEmail: from, ca } = options;
  if (emailUseTls && emailUseSsl)
    throw new ConfigurationError("EMAIL_USE_TLS and EMAIL_USE_SSL", "expected one of them at most");
  if (user !== "" && !emailUseTls && !emailUseSsl && !own.has(host))
    throw new ConfigurationError(
      "EMAIL_HOST_USER",
      `its password would cross the network in clear; expected EMAIL_USE_TLS or EMAIL_USE_SSL with EMAIL_HOST=${host}`,
    );
  const timeout = options.emailTimeoutSeconds * 1000;
  const load = async () => {
    const { createTransport } = await import("nodemailer");
    return createTransport({
      ...{ host, port, secure: emailUseSsl, requireTLS: emailUseTls, ignoreTLS: !emailUseTls && !emailUseSsl },
      ...(user === "" ? {} : { auth: { user, pass } }),
      ...(ca === undefined ? {} : { tls: { ca } }),
      ...{ dnsTimeout: timeout, connectionTimeout: timeout, greetingTimeout: timeout, socketTimeout: timeout },
      // A mail's content never names a file or an address to be fetched.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
  };
  let transport: ReturnType<typeof load> | undefined;
  return {
    async send({ to, subject, text, html }) {
      transport ??= load();
      const headers = { "Auto-Submitted": "auto-generated" };
      await (await transport).sendMail({ from, to, subject, text, headers, ...(html === undefined ? {} : { html }) });
    },
  };
}
