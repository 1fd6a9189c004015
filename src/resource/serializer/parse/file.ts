/**
 * Reading a file: what of a multipart body was taken in, checked by its name, its size and its first bytes.
 *
 * The value is the path that the file is wanted at; it is moved there when everything else is right (`media/uploads.ts`).
 * Reference: rest_framework.fields.FileField and .ImageField, django.core.validators.FileExtensionValidator.
 * Differs: an image is known by its first bytes; nothing decodes it.
 */
import { extname } from "node:path";
import type { Issue } from "../../../errors.ts";
import { Upload, type UploadFacts } from "../../../media/index.ts";
import { messageOf } from "../messages.ts";
import { Invalid, invalid, issue, type MakeParser } from "../parser.ts";
import { type Check, checked } from "./checked.ts";

const notAFile = invalid("invalid", { expected: "a file of a multipart/form-data body" });

export const file: MakeParser<"file"> = (field) => {
  const { maxLength = 100, maxBytes, extensions, image } = field.options;
  const checks: Check<UploadFacts>[] = [
    ({ name }) => (name === "" ? issue("no_name") : undefined),
    ({ sizeBytes }) => (sizeBytes === 0 ? emptyFile : undefined),
    ({ sentName }) => (Array.from(sentName).length > maxLength ? issue("max_length", { limit: maxLength }) : undefined),
    ({ isTooLarge }) => (isTooLarge ? issue("max_bytes", { limit: maxBytes ?? 0 }) : undefined),
  ];
  if (extensions) {
    const expected = extensions.map((end) => `.${end}`).join(", ");
    checks.push(({ name }) =>
      extensions.includes(extname(name).slice(1).toLowerCase()) ? undefined : issue("invalid_extension", { expected }),
    );
  }
  if (image) checks.push(({ head }) => (isImage(head) ? undefined : issue("invalid_image")));
  return checked(field, (raw) => {
    if (!(raw instanceof Upload)) return notAFile;
    // One finding is enough: a file without content is no image, either.
    for (const check of checks) {
      const found = check(raw.facts);
      if (found) return new Invalid([found]);
    }
    return raw.facts.path;
  });
};

const emptyFile: Issue = { code: "empty", message: messageOf("empty_file", {}) };

/** What images have at some places, as hexadecimal digits: PNG, JPEG, GIF, WebP, AVIF. */
const signatures: readonly (readonly (readonly [at: number, digits: string])[])[] = [
  [[0, "89504e470d0a1a0a"]],
  [[0, "ffd8ff"]],
  [[0, hexOf("GIF87a")]],
  [[0, hexOf("GIF89a")]],
  [
    [0, hexOf("RIFF")],
    [8, hexOf("WEBP")],
  ],
  [[4, hexOf("ftypavif")]],
  [[4, hexOf("ftypavis")]],
];

function hexOf(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

function isImage(head: Buffer): boolean {
  const digits = head.toString("hex");
  return signatures.some((parts) => parts.every(([at, part]) => digits.startsWith(part, 2 * at)));
}
