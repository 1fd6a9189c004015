/**
 * Reading bytes: base64 text (RFC 4648 section 4), with its padding and without anything else.
 * Reference: BinaryField of django.db.models, whose text form is base64. Differs: what is no base64 is refused, not cut.
 */
import { invalid, issue, type MakeParser } from "../parser.ts";
import { type Check, checked } from "./checked.ts";

const notBase64 = invalid("invalid", { expected: "bytes in base64" });

export const binary: MakeParser<"binary"> = (field) => {
  const { maxBytes, blank } = field.options;
  const empty = blank === true ? "" : invalid("blank");
  const isSmall: Check<string> = (text) =>
    maxBytes !== undefined && bytesOf(text) > maxBytes ? issue("max_bytes", { limit: maxBytes }) : undefined;
  return checked(
    field,
    (raw) => {
      if (raw === "") return empty;
      return typeof raw === "string" && isBase64(raw) ? raw : notBase64;
    },
    [isSmall],
  );
};

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z\d+/]+={0,2}$/.test(text);

/** How many bytes a text stands for. */
const bytesOf = (text: string): number =>
  (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
