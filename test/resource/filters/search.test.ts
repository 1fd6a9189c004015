import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError, ValidationError } from "../../../src/errors.ts";
import { compileSearch } from "../../../src/resource/filters/index.ts";
import { QueryParameters } from "../../../src/resource/query-parameters.ts";
import { Book, models, place } from "./bookshop.ts";

const search = (fields: readonly string[], query: string) =>
  compileSearch(fields, Book, models, place).read(new QueryParameters(query));
const words = (query: string) => {
  const where = search(["title"], query);
  const terms = where && "and" in where ? where.and : [];
  return terms.map((term) => ("or" in term && term.or[0] && "value" in term.or[0] ? term.or[0].value : undefined));
};

describe("search", () => {
  test("a word may stand in any of the fields; marks say how it must match", () => {
    const fields = ["title", "=isbn", "^author__name", "$genre", "tags__name"];
    assert.deepEqual(search(fields, "search=dune"), {
      and: [
        {
          or: [
            { path: "title", lookup: "icontains", value: "dune" },
            { path: "isbn", lookup: "iexact", value: "dune" },
            { path: "author.name", lookup: "istartswith", value: "dune" },
            { path: "genre", lookup: "iregex", value: "dune" },
            { path: "tags.name", lookup: "icontains", value: "dune" },
          ],
        },
      ],
    });
  });

  test("every word must be found; blanks and commas part them", () => {
    assert.deepEqual(words("search=golden%20,river%C2%A0 sea%0A"), ["golden", "river", "sea"]);
  });

  test("quotes are part of a word", () => assert.deepEqual(words('search="golden river"'), ['"golden', 'river"']));
  test("null characters do not count", () => assert.deepEqual(words("search=%00gol%00den"), ["golden"]));
  test("a repeated word is asked once", () => assert.deepEqual(words("search=the the"), ["the"]));
  test("the last of two searches counts", () => assert.deepEqual(words("search=a&search=b"), ["b"]));

  for (const query of ["", "other=1", "search=", "search=,,%20"]) {
    test(`?${query} searches nothing`, () => assert.equal(search(["title"], query), undefined));
  }

  test("without fields nothing is searched", () => assert.equal(search([], "search=x"), undefined));

  test("a broken regular expression is refused, where one is expected", () => {
    assert.throws(() => search(["$title"], "search=("), ValidationError);
    assert.deepEqual(words("search=("), ["("]);
  });

  test("a flood of words is refused", () => {
    const flood = Array.from({ length: 33 }, (_, i) => i).join("+");
    assert.throws(() => search(["title"], `search=${flood}`), ValidationError);
  });
});

describe("a wrong declaration fails at start", () => {
  const cases: [string, RegExp][] = [
    ["titel", /resource "books", search "titel": .*did you mean title\?/],
    ["^autor__name", /did you mean author\?/],
    ["@title", /full-text search is not offered/],
    ["author", /expected a field with text, not of foreignKey/],
    ["in_print", /expected a field with text, not of boolean/],
  ];
  for (const [name, message] of cases) {
    test(name, () => {
      assert.throws(
        () => search([name], ""),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }
});
