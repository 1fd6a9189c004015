/**
 * Reading text, and what is text of a format: e-mail addresses, URLs, slugs, UUIDs, IP addresses.
 *
 * Lengths count characters (code points), as Python does.
 * Reference: rest_framework.fields.CharField (`run_validation`, `to_internal_value`) and its subclasses, UUIDField.
 * Differs: a number of JSON that is written 1.0 reads as "1"; JSON.parse does not keep how it was written.
 */
import type { Field, OptionsOf } from "../../../model/index.ts";
import { type Invalid, invalid, issue, type MakeParser } from "../parser.ts";
import { type Check, checked } from "./checked.ts";
import { isEmail, isUrl, toIpAddress } from "./formats.ts";
import { strip } from "./strip.ts";

type TextKind = "text" | "email" | "url" | "slug" | "ip";

/** Text that is not blank, or an accepted blank; numbers are taken as their digits. */
function toText(field: Field<TextKind>): (raw: unknown) => string | Invalid {
  const trim = !("trim" in field.options && field.options.trim === false);
  const blank = field.options.blank === true ? "" : invalid("blank");
  const notText = invalid("invalid", { expected: "text" });
  return (raw) => {
    if (typeof raw !== "string" && !Number.isFinite(raw) && typeof raw !== "bigint") return notText;
    const text = trim ? strip(String(raw)) : String(raw);
    return text === "" ? blank : text;
  };
}

const noNullCharacters: Check<string> = (text) =>
  text.includes("\0") ? issue("null_characters_not_allowed") : undefined;
const noSurrogates: Check<string> = (text) =>
  text.isWellFormed() ? undefined : issue("surrogate_characters_not_allowed");

/** A check of the format, by a predicate. */
const expect =
  (expected: string, matches: (text: string) => boolean): Check<string> =>
  (text) =>
    matches(text) ? undefined : issue("invalid", { expected });

/** Characters of a text. */
function lengthOf(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function textChecks({ options }: Field<TextKind>): Check<string>[] {
  const checks = [noNullCharacters, noSurrogates];
  const { minLength, maxLength, pattern }: OptionsOf["text"] = options;
  // A character has at most two units: only texts near the limit are counted.
  if (maxLength !== undefined) {
    const isTooLong = (text: string) =>
      text.length > maxLength && (text.length > 2 * maxLength || lengthOf(text) > maxLength);
    checks.push((text) => (isTooLong(text) ? issue("max_length", { limit: maxLength }) : undefined));
  }
  if (minLength !== undefined) {
    const isTooShort = (text: string) => text.length < 2 * minLength && lengthOf(text) < minLength;
    checks.push((text) => (isTooShort(text) ? issue("min_length", { limit: minLength }) : undefined));
  }
  if (pattern) {
    // A pattern with the flag g or y remembers where it stopped.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    checks.push(expect(`text that matches ${pattern.source}`, (text) => stateless.test(text)));
  }
  return checks;
}

const ofFormat =
  (...formats: Check<string>[]) =>
  (field: Field<TextKind>) =>
    checked(field, toText(field), [...textChecks(field), ...formats]);

export const text: MakeParser<"text"> = ofFormat();
export const email: MakeParser<"email"> = ofFormat(expect("an e-mail address such as name@example.com", isEmail));
export const url: MakeParser<"url"> = ofFormat(expect("an absolute URL such as https://example.com/page", isUrl));
export const slug: MakeParser<"slug"> = ofFormat(
  expect("letters, digits, _ and - only", (value) => /^[-a-zA-Z0-9_]+$/.test(value)),
);

const addressExpected = "an IPv4 or IPv6 address";

/** An IPv6 address comes out in its shortest form, and must not be padded. */
export const ip: MakeParser<"ip"> = (field) => {
  const read = toText(field);
  const notAnAddress = invalid("invalid", { expected: addressExpected });
  const convert = (raw: unknown): string | Invalid => {
    if (typeof raw !== "string") return notAnAddress;
    return raw.includes(":") ? (toIpAddress(raw) ?? notAnAddress) : read(raw);
  };
  const isAddress = expect(addressExpected, (value) => toIpAddress(value) !== undefined);
  return checked(field, convert, [...textChecks(field), isAddress]);
};

/** More than any spelling of a UUID has. */
const MAX_UUID_CHARACTERS = 100;
const notAUuid = invalid("invalid", { expected: "a UUID such as 123e4567-e89b-12d3-a456-426614174000" });

/** Hyphens, braces and `urn:uuid:` are optional; a whole number is the 128 bits themselves. Reference: uuid.UUID. */
export const uuid: MakeParser<"uuid"> = (field) => checked(field, toUuid);

function toUuid(raw: unknown): string | Invalid {
  const hex = hexOf(raw);
  if (hex === undefined || !/^[0-9a-f]{32}$/i.test(hex)) return notAUuid;
  return hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function hexOf(raw: unknown): string | undefined {
  switch (typeof raw) {
    case "string":
      if (raw.length > MAX_UUID_CHARACTERS) return undefined;
      return raw
        .replace("urn:", "")
        .replace("uuid:", "")
        .replace(/^[{}]+|[{}]+$/g, "")
        .replaceAll("-", "");
    case "number":
      return Number.isSafeInteger(raw) ? hexOf(BigInt(raw)) : undefined;
    case "boolean":
    case "bigint":
      return BigInt(raw).toString(16).padStart(32, "0");
    default:
      return undefined;
  }
}
