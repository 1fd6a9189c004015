/** What may be wrong with a file, by machine code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Upload, type UploadFacts } from "../../../src/media/index.ts";
import { field } from "../../../src/model/index.ts";
import { createSerializer } from "../../../src/resource/index.ts";
import { Form } from "../../../src/resource/serializer/form.ts";
import { type FieldsRead, readFields } from "../../../src/resource/serializer/read-fields.ts";

const whole = { partial: false, applyDefaults: true };
const upload = (facts: Partial<UploadFacts>) =>
  new Upload("file", {
    ...{ sentName: "a.png", name: "a.png", path: "a.png", sizeBytes: 1, head: Buffer.from("a") },
    ...{ isTooLarge: false, hash: undefined, ...facts },
  });
const firstCode = ({ issues }: Pick<FieldsRead, "issues">) =>
  (issues?.file as readonly { code: string }[] | undefined)?.[0]?.code;
const codeOf = (declared: Parameters<typeof field.file>[0], facts: Partial<UploadFacts>) => {
  const { issues } = readFields({ file: field.file(declared) }, whole)(new Form([], [upload(facts)]));
  return firstCode({ issues });
};

test("each finding about a file has the code of the reference, or one of its own", () => {
  assert.equal(codeOf({}, {}), undefined);
  assert.equal(codeOf({}, { name: "" }), "no_name");
  assert.equal(codeOf({}, { sizeBytes: 0 }), "empty");
  assert.equal(codeOf({ maxLength: 4 }, {}), "max_length");
  assert.equal(codeOf({ maxBytes: 4 }, { isTooLarge: true }), "max_bytes");
  assert.equal(codeOf({ extensions: ["pdf"] }, {}), "invalid_extension");
  assert.equal(codeOf({ extensions: ["png"] }, { name: "A.PNG" }), undefined);
  assert.equal(codeOf({ image: true }, {}), "invalid_image");
});

test("an image is known by its first bytes", () => {
  const heads = {
    png: "89504e470d0a1a0a0000000d49484452",
    jpeg: "ffd8ffe000104a464946",
    gif: Buffer.from("GIF89a").toString("hex"),
    webp: Buffer.from("RIFF\x24\x00\x00\x00WEBPVP8 ").toString("hex"),
    avif: Buffer.from("\0\0\0\x1cftypavif").toString("hex"),
  };
  for (const [format, head] of Object.entries(heads))
    assert.equal(codeOf({ image: true }, { head: Buffer.from(head, "hex") }), undefined, format);
  for (const text of [
    "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "RIFF\x24\x00\x00\x00WAVEfmt ",
    "\0\0\0\x1cftypmp42",
    "",
  ])
    assert.equal(codeOf({ image: true }, { head: Buffer.from(text) }), "invalid_image", text);
});

test("a file that may be null is null in JSON, and what else JSON holds is no file", () => {
  const read = readFields({ file: field.file({ null: true }) }, whole);
  assert.deepEqual(read({ file: null }), { values: { file: null } });
  for (const value of ["a.png", 1, {}, ["a.png"], { ...upload({}) }])
    assert.equal(firstCode(read({ file: value })), "invalid");
});

test("a file within an object or a list is refused at start", () => {
  const within = { photos: field.list({ of: field.nested({ fields: { photo: field.file() } }) }) };
  assert.throws(() => createSerializer(within), /field "photos": holds a file within an object or a list/);
});

test("a folder that leads out, or leaves no room for a name, is refused at start", () => {
  for (const uploadTo of [".uploads", ".uploads/%Y"])
    assert.throws(
      () => createSerializer({ file: field.file({ uploadTo }) }),
      /field "file", uploadTo: expected another folder than .uploads/,
    );
  for (const uploadTo of ["../x", "/etc", "a//b", "a\\b"])
    assert.throws(
      () => createSerializer({ file: field.file({ uploadTo }) }),
      /field "file", uploadTo: expected a folder/,
    );
  assert.throws(
    () => createSerializer({ file: field.file({ uploadTo: "long/".repeat(16).slice(0, -1) }) }),
    /maxLength/,
  );
});
