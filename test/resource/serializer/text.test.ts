import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { field } from "../../../src/model/index.ts";
import { strip } from "../../../src/resource/serializer/parse/strip.ts";
import { keeps, reading, reads, refused, refuses, sentences } from "./reading.ts";

describe("text", () => {
  reads("white space at both ends is removed", field.text(), [
    [" a b ", "a b"],
    ["\t\nx\u00a0\u2003\u2028", "x"],
    ["\u001c\u0085x", "x"],
  ]);
  reads("white space is kept where trimming is off", field.text({ trim: false }), [
    ["  a ", "  a "],
    ["  ", "  "],
  ]);
  reads("a number is taken as its digits", field.text(), [
    [12345, "12345"],
    [1.5, "1.5"],
    [99999999999999999999n, "99999999999999999999"],
  ]);
  refuses("true, lists and objects are no text", field.text(), "invalid", [true, false, [], ["a"], {}]);
  refuses("an empty text is refused", field.text(), "blank", ["", "  ", "\n\t"]);
  reads(
    "an empty text is accepted where it may be, however short others must not be",
    field.text({ blank: true, minLength: 2 }),
    [
      ["", ""],
      ["  ", ""],
      ["a", refused(["min_length"])],
    ],
  );
  refuses("a null character is refused", field.text(), "null_characters_not_allowed", ["a\0b"]);
  refuses("half of a surrogate pair is refused", field.text(), "surrogate_characters_not_allowed", [
    "\ud83c",
    "a\udf89",
  ]);

  const sized = field.text({ minLength: 2, maxLength: 5 });
  reads("lengths count characters, not the units they are stored in", sized, [
    ["🎉🎉🎉🎉🎉", "🎉🎉🎉🎉🎉"],
    ["🎉🎉🎉🎉🎉🎉", refused(["max_length"])],
    ["🎉", refused(["min_length"])],
    ["e\u0301", "e\u0301"],
    ["abcdef", refused(["max_length"])],
    [" a ", refused(["min_length"])],
  ]);

  test("everything that is wrong with a text is said at once", () => {
    const isbn = field.text({
      maxLength: 3,
      pattern: /^\d+$/,
      validators: [{ code: "even", message: "Odd.", isValid: (value: string) => value.length % 2 === 0 }],
    });
    assert.deepEqual(reading(isbn, "abcde"), refused(["max_length", "invalid", "even"]));
    assert.deepEqual(sentences(isbn, "12345"), ["At most 3 characters are allowed.", "Odd."]);
  });
  test("a pattern with the flag g gives the same answer every time", () => {
    const name = field.text({ pattern: /a/g });
    assert.deepEqual([reading(name, "xa"), reading(name, "xa"), reading(name, "xa")], ["xa", "xa", "xa"]);
  });
  test("stripping a long run of spaces is fast", () => {
    const text = `${" ".repeat(1_000_000)}x`;
    assert.equal(strip(`a${text}`).length, 1_000_002);
  });
});

describe("e-mail addresses", () => {
  keeps("addresses are accepted", field.email(), [
    "a@b.co",
    "A@X.CO",
    "a.b+c@x-y.example",
    '"a"@x.co',
    "a@localhost",
    "a@[1.2.3.4]",
    "a@[::1]",
    "a@müller.de",
  ]);
  refuses("what is no address is refused", field.email(), "invalid", [
    "a",
    "a@",
    "@b.co",
    "a@b",
    "a..b@x.co",
    ".a@x.co",
    "a@-b.co",
    "a@b-.co",
    "a@x..co",
    "a b@x.co",
    "é@x.co",
    "a@[1.2.3.400]",
    "a@x_y.co",
  ]);
  reads("an address that is too long and wrong is told both", field.email({ maxLength: 5 }), [
    ["abcdefg", refused(["max_length", "invalid"])],
  ]);
});

describe("URLs", () => {
  keeps("absolute URLs of http, https, ftp and ftps are accepted", field.url(), [
    "http://a.example",
    "HTTPS://A.EXAMPLE/x?y#z",
    "ftp://a.example",
    "ftps://a.example",
    "http://localhost:8000/",
    "http://1.2.3.4",
    "http://[::1]:8080/",
    "http://user:secret@a.example/",
    "http://a.example.",
    "http://müller.de",
    "http://例。com",
  ]);
  refuses("anything else is refused", field.url({ maxLength: 5000 }), "invalid", [
    "a.example",
    "//a.example",
    "mailto:a@b.co",
    "javascript:alert(1)",
    "http://",
    "http://a",
    "http://a b.example",
    "http://-a.example",
    "http://a..example",
    "http://01.2.3.4",
    "http://1.2.3.256",
    "http://[1::2::3]",
    "http://a.example/a b",
    "http://a.example:800000",
    `http://${"a.".repeat(130)}example`,
    `http://a.example/${"x".repeat(2100)}`,
  ]);
});

describe("slugs", () => {
  keeps("letters, digits, _ and - are accepted", field.slug(), ["a-b_c9", "A", "-"]);
  refuses("other characters are refused", field.slug(), "invalid", ["a b", "é", "a.b", "a/b"]);
});

describe("UUIDs", () => {
  const id = "b80c8fef-a677-5340-85fb-2c162d75df03";
  reads("every usual spelling reads as the same UUID", field.uuid(), [
    [id, id],
    [id.toUpperCase(), id],
    [id.replaceAll("-", ""), id],
    [`{${id}}`, id],
    [`urn:uuid:${id}`, id],
    [5, "00000000-0000-0000-0000-000000000005"],
    [2n ** 128n - 1n, "ffffffff-ffff-ffff-ffff-ffffffffffff"],
  ]);
  refuses("what is no UUID is refused", field.uuid(), "invalid", [
    "",
    "x",
    id.slice(1),
    `${id}0`,
    ` ${id}`,
    1.5,
    -5,
    2n ** 128n,
    [],
    {},
  ]);
});

describe("IP addresses", () => {
  reads("an address is read in its shortest form", field.ip(), [
    ["10.0.0.1", "10.0.0.1"],
    [" 10.0.0.1 ", "10.0.0.1"],
    ["2001:0DB8:0000:0000:0000:0000:0000:000A", "2001:db8::a"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::ffff:0a00:0001", "10.0.0.1"],
  ]);
  refuses("what is no address is refused", field.ip(), "invalid", [
    "10.0.0",
    "10.0.0.256",
    "10.0.0.01",
    "1::2::3",
    "fe80::1%eth0",
    "10.0.0.1:80",
    "x",
    5,
    [],
  ]);
  reads("a blank address is refused, or accepted where it may be", field.ip({ blank: true }), [
    ["", ""],
    ["x", refused(["invalid"])],
  ]);
});
