import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { field } from "../../../src/model/index.ts";
import { compareDecimals, readDecimal, writeDecimal } from "../../../src/resource/serializer/decimal.ts";
import { keeps, reads, refused, refuses, sentences } from "./reading.ts";

const digits = (count: number) => "1".repeat(count);

describe("whole numbers", () => {
  reads("a whole number may be sent as text, padded, signed, or with an empty fraction", field.integer(), [
    [5, 5],
    [-0, 0],
    ["5", 5],
    [" 5 ", 5],
    ["+7", 7],
    ["-0", 0],
    ["007", 7],
    ["5.", 5],
    ["5.000", 5],
    ["١٢", 12],
    ["-१२३.०", -123],
  ]);
  reads("a number that a double cannot hold is kept exactly", field.integer(), [
    [9007199254740993n, 9007199254740993n],
    ["-99999999999999999999", -99999999999999999999n],
    ["+9007199254740993", 9007199254740993n],
    [digits(1000), BigInt(digits(1000))],
  ]);
  refuses("what is no whole number is refused", field.integer(), "invalid", [
    5.5,
    "5.5",
    "5e0",
    1e300,
    "0x5",
    "1_000",
    "x١٢",
    "--5",
    "",
    " ",
    "many",
    "NaN",
    "inf",
    true,
    false,
    [5],
    {},
  ]);
  refuses("a very long text is refused before it is read", field.integer(), "max_string_length", [digits(1001)]);
  reads("limits hold for numbers of every size", field.integer({ min: -5, max: 100 }), [
    [-5, -5],
    [100, 100],
    [-6, refused(["min_value"])],
    [101, refused(["max_value"])],
    [99999999999999999999n, refused(["max_value"])],
    ["-99999999999999999999", refused(["min_value"])],
  ]);
  test("the refusal names the limit", () => {
    assert.deepEqual(sentences(field.integer({ max: 100 }), 101), ["Must be 100 or less."]);
  });
});

describe("floating-point numbers", () => {
  reads("a number may be sent as text", field.float(), [
    [4.25, 4.25],
    ["3.5", 3.5],
    [" 5 ", 5],
    ["1e2", 100],
    [".5", 0.5],
    ["5.", 5],
    [99999999999999999999n, 1e20],
    [true, 1],
  ]);
  refuses("not a number, infinity and what a double cannot hold are refused", field.float(), "invalid", [
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1e400",
    Number.POSITIVE_INFINITY,
    10n ** 400n,
  ]);
  refuses("what is no number is refused", field.float(), "invalid", ["", "x", "0x5", "1_0", "1,5", "١x", ".", [], {}]);
  refuses("a very long text is refused", field.float(), "max_string_length", [digits(1001)]);
  reads("limits are included", field.float({ min: -1.5, max: 99.5 }), [
    [-1.5, -1.5],
    [99.5, 99.5],
    [99.6, refused(["max_value"])],
    [-1.6, refused(["min_value"])],
  ]);
});

describe("decimal numbers", () => {
  const price = field.decimal({ maxDigits: 6, decimalPlaces: 3 });
  reads("a decimal is read as text with all its places", price, [
    ["1.234", "1.234"],
    [1.5, "1.500"],
    [3, "3.000"],
    [" 1.5 ", "1.500"],
    ["0001.5", "1.500"],
    ["+1.5", "1.500"],
    ["-1.5", "-1.500"],
    ["-0", "-0.000"],
    ["1E+2", "100.000"],
    ["1e-3", "0.001"],
    [1e-3, "0.001"],
    [".5", "0.500"],
  ]);
  refuses("too many digits are refused, not rounded", price, "max_digits", [
    "1234.567",
    "1234567",
    99999999999999999999n,
    "0E-9",
    "1e999999999999999999999",
  ]);
  refuses("too many places are refused, zeros too", price, "max_decimal_places", ["1.2345", "1.5000"]);
  refuses("too large a whole part is refused", price, "max_whole_digits", ["1000", "1e3", 12345]);
  refuses("what is no decimal is refused", price, "invalid", [
    "",
    "x",
    "NaN",
    "Infinity",
    "1_0",
    "١٢ ١",
    "1,5",
    true,
    [],
    {},
  ]);
  refuses("a very long text is refused before it is read", price, "max_string_length", [digits(1001)]);
  reads("an empty text is null where that is allowed", field.decimal({ maxDigits: 4, decimalPlaces: 2, null: true }), [
    ["", null],
    ["  ", null],
  ]);
  reads(
    "limits are compared exactly",
    field.decimal({ maxDigits: 30, decimalPlaces: 2, min: 0, max: 9007199254740991 }),
    [
      ["0", "0.00"],
      ["-0", "-0.00"],
      ["-0.01", refused(["min_value"])],
      ["9007199254740991.00", "9007199254740991.00"],
      ["9007199254740991.01", refused(["max_value"])],
    ],
  );
});

describe("decimal arithmetic", () => {
  const written = (text: string, places: number) => {
    const number = readDecimal(text);
    return number && writeDecimal(number, places);
  };
  test("a number is rounded half to even", () => {
    assert.deepEqual(
      [
        written("1.005", 2),
        written("1.015", 2),
        written("1.0051", 2),
        written("-2.5", 0),
        written("9.99", 1),
        written("1e-9", 2),
        written("0.005", 2),
        written("0.9", 0),
      ],
      ["1.00", "1.02", "1.01", "-2", "10.0", "0.00", "0.00", "1"],
    );
  });
  test("what is no number has no value", () => {
    assert.deepEqual(["", ".", "1.2.3", "e5", "1e", "+", "0x1"].map(readDecimal), Array(7).fill(undefined));
  });
  test("numbers of different exponents compare by value", () => {
    const [a, b, c] = [readDecimal("1e2"), readDecimal("100.00"), readDecimal("-1e2")];
    assert(a && b && c);
    assert.deepEqual([compareDecimals(a, b), compareDecimals(c, b), compareDecimals(b, c)], [0, -1, 1]);
  });
});

describe("truth values", () => {
  reads("the spellings of HTML forms, JSON and people are known", field.boolean(), [
    ...[true, 1, "1", "t", "T", "y", "yes", "YES", "true", "True", "on", "ON"].map((raw) => [raw, true] as const),
    ...[false, 0, "0", "f", "F", "n", "no", "NO", "false", "False", "off", "OFF"].map((raw) => [raw, false] as const),
  ]);
  refuses("other spellings are refused", field.boolean(), "invalid", [
    "tRuE",
    "maybe",
    2,
    -1,
    1n,
    "null",
    "",
    [],
    [true],
    {},
  ]);
  reads("null can be written out where it is allowed", field.boolean({ null: true }), [
    ["null", null],
    ["NULL", null],
    ["", null],
    ["x", refused(["invalid"])],
  ]);
  keeps(
    "a declared check is asked as well",
    field.boolean({
      validators: [{ code: "terms", message: "Accept the terms.", isValid: (value: boolean) => value }],
    }),
    [true],
  );
});
