/**
 * What the mails of accounts say: plain functions, each of which an app may replace.
 *
 * None repeats a password, and none is sent to an address that a client named beside the account's own.
 */
import type { Mail } from "../../mail/index.ts";

/** What a mail may speak of. */
export interface MailFacts {
  /** Name of the app. */
  readonly title: string;
  readonly username: string;
  /** Where to go: a link that works once, or the site where there is nothing to confirm. */
  readonly link: string;
}

export type MailText = Omit<Mail, "to">;

/**
 * The mails of accounts, by occasion.
 *
 * @example
 * const activation: AccountMails["activation"] = ({ title, username, link }) => ({
 *   subject: `Welcome to ${title}`,
 *   text: `Hello ${username}, one click and you are in: ${link}`,
 * });
 */
export interface AccountMails {
  /** To a new account: follow the link to use it. */
  activation(facts: MailFacts): MailText;
  /** To an account whose address was used to register again. */
  alreadyRegistered(facts: MailFacts): MailText;
  /** To an address that registered with a name that is taken; `username` is that name. */
  usernameTaken(facts: MailFacts): MailText;
  /** Follow the link to choose another password. */
  resetPassword(facts: MailFacts): MailText;
  passwordChanged(facts: MailFacts): MailText;
  /** Follow the link to choose another name. */
  resetUsername(facts: MailFacts): MailText;
  usernameChanged(facts: MailFacts): MailText;
  /** To a new address: follow the link to make it that of the account. */
  confirmEmail(facts: MailFacts): MailText;
  /** To the address that was that of the account. */
  emailChanged(facts: MailFacts): MailText;
  /** The second factor was turned on or off, or has new recovery codes. */
  secondFactorChanged(facts: MailFacts): MailText;
}

const notYou = "If that was not you, there is nothing to do; nobody gets in by it.";
const tellUs = "If that was not you, reset your password now, and tell us.";

const say = (subject: string, ...lines: readonly string[]): MailText => ({ subject, text: lines.join("\n\n") });

export const defaultMails: AccountMails = Object.freeze({
  activation: ({ title, username, link }) =>
    say(
      `Activate your account at ${title}`,
      `Hello ${username},`,
      `this link activates your account:\n${link}`,
      notYou,
    ),
  alreadyRegistered: ({ title, username, link }) =>
    say(
      `You have an account at ${title}`,
      `Hello ${username},`,
      `somebody tried to register with this address, which has an account called "${username}" already.`,
      `If you forgot your password, ask for another one: ${link}`,
      notYou,
    ),
  usernameTaken: ({ title, username, link }) =>
    say(
      `Choose another name at ${title}`,
      `You asked for an account called "${username}", and somebody else has that name.`,
      `Please register again with another one: ${link}`,
    ),
  resetPassword: ({ title, username, link }) =>
    say(`Reset your password at ${title}`, `Hello ${username},`, `choose another password here:\n${link}`, notYou),
  passwordChanged: ({ title, username, link }) =>
    say(
      `Your password at ${title} was changed`,
      `Hello ${username},`,
      "your password was changed just now.",
      tellUs,
      link,
    ),
  resetUsername: ({ title, username, link }) =>
    say(
      `Your name at ${title}`,
      `Your account is called "${username}".`,
      `To call it something else, follow this link:\n${link}`,
      notYou,
    ),
  usernameChanged: ({ title, username, link }) =>
    say(`Your name at ${title} was changed`, `Your account is called "${username}" from now on.`, tellUs, link),
  confirmEmail: ({ title, username, link }) =>
    say(
      `Confirm your address at ${title}`,
      `Hello ${username},`,
      `this link makes this address that of your account:\n${link}`,
      notYou,
    ),
  emailChanged: ({ title, username, link }) =>
    say(
      `Your address at ${title} was changed`,
      `Hello ${username},`,
      "your account has another address from now on; this is the last mail to this one.",
      tellUs,
      link,
    ),
  secondFactorChanged: ({ title, username, link }) =>
    say(
      `The second factor of your account at ${title} was changed`,
      `Hello ${username},`,
      "the second factor of your account was turned on or off just now, or was given new recovery codes.",
      tellUs,
      link,
    ),
} satisfies AccountMails);
