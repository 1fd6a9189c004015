/**
 * What a new password must be: the four checks of Django, and the contract of those of one's own.
 *
 * Asked where a password is chosen, by command or by request; a login asks nothing, so older passwords go on.
 * Reference: django.contrib.auth.password_validation (its codes); NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 V6.2:
 * length and a list, no rules of composition.
 */
import type { Awaitable } from "../../db/index.ts";
import { ConfigurationError, type Issue } from "../../errors.ts";
import { isCommon } from "./known-passwords.ts";
import { isSimilar } from "./similarity.ts";

/** What is known of whoever chooses a password. */
export interface PasswordOwner {
  readonly username?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly email?: string;
}

/**
 * A check of a new password.
 *
 * @example
 * const notTheShop: PasswordValidator = {
 *   validate: (password) =>
 *     password.toLowerCase().includes("shop") ? { code: "password_names_shop", message: "Not the name of the shop." } : undefined,
 * };
 */
export interface PasswordValidator {
  /** What is wrong with it, or undefined. The password never stands in the message. */
  validate(password: string, owner: PasswordOwner): Awaitable<Issue | undefined>;
}

/** At least so many characters; code `password_too_short`. @throws ConfigurationError  fewer than one */
export function minLength(length = 8): PasswordValidator {
  if (!Number.isInteger(length) || length < 1)
    throw new ConfigurationError("passwordValidator.minLength", `expected a whole number from 1, got ${length}`);
  const message = `Expected a password of at least ${length} characters.`;
  return {
    validate: (password) => ([...password].length < length ? { code: "password_too_short", message } : undefined),
  };
}

/** Not like the name or the address of its owner; code `password_too_similar`. @throws ConfigurationError  a limit below 0.1 */
export function notSimilar(limit = 0.7): PasswordValidator {
  if (!(limit >= 0.1 && limit <= 1))
    throw new ConfigurationError("passwordValidator.notSimilar", `expected a number from 0.1 to 1, got ${limit}`);
  return {
    validate(password, { username, first_name, last_name, email }) {
      const known = Object.entries({
        username,
        "first name": first_name,
        "last name": last_name,
        "e-mail address": email,
      });
      const [name] = known.find(([, text]) => text && isSimilar(password, text, limit)) ?? [];
      return name === undefined
        ? undefined
        : { code: "password_too_similar", message: `The password is too similar to the ${name}.` };
    },
  };
}

/** None of the 20,000 most used ones; code `password_too_common`. */
export const notCommon = (): PasswordValidator => ({
  validate: async (password) =>
    (await isCommon(password))
      ? { code: "password_too_common", message: "This is one of the passwords that are tried first." }
      : undefined,
});

/** Not digits alone; code `password_entirely_numeric`. */
export const notNumeric = (): PasswordValidator => ({
  validate: (password) =>
    /^\p{Nd}+$/u.test(password)
      ? { code: "password_entirely_numeric", message: "A password of digits alone is guessed quickly." }
      : undefined,
});

/** No more bytes than the hasher reads; code `password_too_long`. Added by itself: a longer one would be cut. */
export const maxBytes = (bytes: number): PasswordValidator => ({
  validate: (password) =>
    Buffer.byteLength(password.normalize("NFC")) > bytes
      ? { code: "password_too_long", message: `Expected a password of at most ${bytes} bytes.` }
      : undefined,
});

/** Those of a new Django project, in its order. */
export const defaultPasswordValidators = (): readonly PasswordValidator[] => [
  notSimilar(),
  minLength(),
  notCommon(),
  notNumeric(),
];

/** Everything that is wrong with a new password; empty where nothing is. */
export async function findIssues(
  validators: readonly PasswordValidator[],
  password: string,
  owner: PasswordOwner,
): Promise<readonly Issue[]> {
  const issues = await Promise.all(validators.map((validator) => validator.validate(password, owner)));
  return issues.filter((issue) => issue !== undefined);
}
