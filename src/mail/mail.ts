/**
 * A mail: who gets it, what it is about, what it says; and the check that none of it breaks out of its place in the header.
 *
 * Reference: RFC 5322 section 2.2 (a header ends with its line), django.core.mail.message (`forbid_multi_line_headers`).
 */
import { DrfAuthError } from "../errors.ts";

export interface Mail {
  /** One address, such as `alice@example.com`. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  /** The same for readers that show HTML. */
  readonly html?: string;
}

/** A mail that cannot be sent as it is: its address or its subject is more than that. */
export class MailRefused extends DrfAuthError {
  readonly code = "mail_refused";
}

/** An address and nothing beside it: no list, no name, no line break. */
const address = /^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\]{1,255}$/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f\u2028\u2029]/u;

/** @throws MailRefused  the address is no single address, or the subject is no single line */
export function checkMail({ to, subject }: Mail): void {
  // The value stays out of the message: it came from a client, and messages are logged.
  if (!address.test(to)) throw new MailRefused("expected one address such as name@example.com");
  if (control.test(subject)) throw new MailRefused("expected a subject of one line");
}
