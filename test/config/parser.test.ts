import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  boolean,
  integer,
  list,
  number,
  oneOf,
  type Parser,
  secondsOrDuration,
  text,
  url,
} from "../../src/config/index.ts";

const cases: readonly [
  name: string,
  parser: Parser<unknown>,
  accepted: readonly [unknown, unknown][],
  refused: readonly unknown[],
][] = [
  [
    "boolean",
    boolean(),
    [
      ["true", true],
      ["1", true],
      ["YES", true],
      ["on", true],
      ["false", false],
      ["0", false],
      ["no", false],
      ["Off", false],
      [true, true],
      [false, false],
    ],
    ["", "2", "wahr", 1, null],
  ],
  [
    "integer",
    integer({ min: 0, max: 65_535 }),
    [
      ["0", 0],
      [" 8000 ", 8000],
      ["65535", 65_535],
      [80, 80],
    ],
    ["", "-1", "65536", "1.5", "1e3", "0x10", "http", 1.5, Number.NaN, "9007199254740993", null],
  ],
  [
    "number",
    number({ min: 0 }),
    [
      ["1.5", 1.5],
      [".5", 0.5],
      [2, 2],
    ],
    ["", "-1", "1e400", "Infinity", ".", Number.POSITIVE_INFINITY],
  ],
  [
    "text",
    text({ minLength: 2 }),
    [
      ["ab", "ab"],
      [" a", " a"],
    ],
    ["", "a", 12],
  ],
  [
    "oneOf",
    oneOf("json", "off"),
    [
      ["json", "json"],
      [" off ", "off"],
    ],
    ["", "JSON", "text", true],
  ],
  [
    "list",
    list(integer()),
    [
      ["1, 2,3", [1, 2, 3]],
      ["", []],
      [
        [1, "2"],
        [1, 2],
      ],
      [[], []],
    ],
    ["1,,2", "1,x", ",", 1, [""].concat("1")],
  ],
  [
    "url",
    url({ protocols: ["postgres", "sqlite"] }),
    [
      ["postgres://u:p@h:5432/db", "postgres://u:p@h:5432/db"],
      ["sqlite:///db.sqlite3", "sqlite:///db.sqlite3"],
    ],
    ["", "db.sqlite3", "http://h/", "postgres", 1],
  ],
  [
    "secondsOrDuration",
    secondsOrDuration({ min: 1, max: 604_800 }),
    [
      ["300", 300],
      ["90s", 90],
      ["5m", 300],
      ["1.5 h", 5400],
      ["1d", 86_400],
      ["1w", 604_800],
      ["1500ms", 1.5],
      [60, 60],
    ],
    ["", "5 minutes", "-5m", "0", "2w", "1y", "1h30m", 0],
  ],
];

for (const [name, parser, accepted, refused] of cases) {
  describe(name, () => {
    for (const [given, value] of accepted) {
      it(`reads ${JSON.stringify(given)}`, () => assert.deepEqual(parser.read(given), value));
    }
    for (const given of refused)
      it(`refuses ${JSON.stringify(given)}`, () => assert.equal(parser.read(given), undefined));
  });
}

describe("the expected form", () => {
  it("says bounds and words", () => {
    assert.equal(integer({ min: 1 }).expected, "a whole number of at least 1");
    assert.equal(number({ max: 5 }).expected, "a number of at most 5");
    assert.equal(oneOf("json", "readable", "off").expected, "json, readable or off");
    assert.equal(url().expected, "a URL that starts with http: or https:");
  });
});
