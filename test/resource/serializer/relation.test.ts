import { describe } from "node:test";
import { field, type Model, model } from "../../../src/model/index.ts";
import { reads, refused, refuses } from "./reading.ts";

const Author = model("author", { fields: { name: field.text() } });
const Country = model("country", { fields: { code: field.slug({ primaryKey: true }) } });
const Parcel = model("parcel", { fields: { id: field.uuid({ primaryKey: true }) } });

describe("a link to one row", () => {
  const author = field.foreignKey(Author);
  reads("its key may be a number or text", author, [
    [2, 2],
    ["2", 2],
    [" +02 ", 2],
    [-1, -1],
    [2.5, 2],
    [9223372036854775807n, 9223372036854775807n],
    ["9223372036854775807", 9223372036854775807n],
  ]);
  refuses("what cannot be a key is refused", author, "incorrect_type", [
    "Ada",
    "2.5",
    "1_0",
    "٢",
    true,
    false,
    [2],
    { id: 2 },
  ]);
  refuses("a key beyond 64 bits is a row that is not there", author, "does_not_exist", [
    9223372036854775808n,
    "-9223372036854775809",
    "9".repeat(5000),
    1e300,
  ]);
  refuses("an empty text is null, which must be allowed", author, "null", [""]);
  reads("an empty text is null where that is allowed", field.foreignKey(Author, { null: true }), [["", null]]);

  reads("a target may be named, or given later", field.foreignKey("auth.user"), [["7", 7]]);
  reads(
    "a target may be given by a function",
    field.foreignKey((): Model => Author),
    [["7", 7]],
  );
  reads("the key is read as the target's key", field.foreignKey(Country), [
    ["de", "de"],
    ["d e", refused(["invalid"])],
    [true, refused(["incorrect_type"])],
    [["de"], refused(["incorrect_type"])],
  ]);
  reads("a key that is a UUID may have every usual spelling", field.foreignKey(Parcel), [
    ["B80C8FEFA677534085FB2C162D75DF03", "b80c8fef-a677-5340-85fb-2c162d75df03"],
    ["x", refused(["invalid"])],
  ]);
});

describe("links to many rows", () => {
  const tags = field.manyToMany(Author, { blank: true });
  reads("keys are read in their order, each once", tags, [
    [
      [9, "3", 9.0, " 9 "],
      [9, 3],
    ],
    [[], []],
    [{ 1: "x" }, [1]],
  ]);
  refuses("an empty list is refused unless it is declared", field.manyToMany(Author), "empty", [[]]);
  refuses("what is no list is refused", tags, "not_a_list", [1, "1", true]);
  reads("the first bad key is told", tags, [
    [[1, true, "x"], refused(["incorrect_type"])],
    [[null], refused(["does_not_exist"])],
    [[2n ** 64n], refused(["does_not_exist"])],
  ]);
});
