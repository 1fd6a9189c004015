import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Lookup } from "../../../src/db/index.ts";
import { ConfigurationError, ValidationError } from "../../../src/errors.ts";
import {
  boolean,
  compileFilters,
  type FilterDeclarations,
  range,
  through,
} from "../../../src/resource/filters/index.ts";
import { QueryParameters } from "../../../src/resource/query-parameters.ts";
import { Author, Book, models, Publisher, place, Tag } from "./bookshop.ts";

const filters = (declared: FilterDeclarations) => compileFilters(declared, Book, models, place);
const reading = (declared: FilterDeclarations, search: string) => filters(declared).read(new QueryParameters(search));
const where = (declared: FilterDeclarations, search: string) => reading(declared, search).where(new Map());
const wrong = (declared: FilterDeclarations, search: string): string[] => {
  try {
    where(declared, search);
  } catch (error) {
    if (error instanceof ValidationError && typeof error.body() === "object") return Object.keys(error.issues);
    throw error;
  }
  return [];
};
const nothing = { or: [] };

describe("what a filter asks", () => {
  test("a field's own name means that it equals the value", () => {
    assert.deepEqual(where({ title: ["exact"] }, "title=Dune"), [{ path: "title", lookup: "exact", value: "Dune" }]);
  });

  test("a lookup is written behind the name", () => {
    assert.deepEqual(where({ title: ["icontains"] }, "title__icontains=du"), [
      { path: "title", lookup: "icontains", value: "du" },
    ]);
  });

  test("two underscores go through a foreign key", () => {
    assert.deepEqual(where({ author__name: ["exact"] }, "author__name=Bo"), [
      { path: "author.name", lookup: "exact", value: "Bo" },
    ]);
  });

  test("a filter may have a name of its own and go through a many-to-many field", () => {
    assert.deepEqual(where({ tag: through("tags__slug") }, "tag=sea"), [
      { path: "tags.slug", lookup: "exact", value: "sea" },
    ]);
  });

  test("conditions come in the order of the declaration, whatever the order of the query", () => {
    const paths = where({ title: ["exact"], isbn: ["exact"] }, "isbn=1&title=2").map(
      (each) => "path" in each && each.path,
    );
    assert.deepEqual(paths, ["title", "isbn"]);
  });

  test("the last of equal parameters counts", () => {
    assert.deepEqual(where({ title: ["exact"] }, "title=a&title=b"), [{ path: "title", lookup: "exact", value: "b" }]);
  });

  test("parameters that no filter declares are not looked at", () => {
    assert.deepEqual(where({ title: ["exact"] }, "title__icontains=x&author__password=y&__proto__=z"), []);
  });

  test("a query without parameters, and one without filters, asks nothing", () => {
    assert.equal(reading({ title: ["exact"] }, ""), reading({}, "title=x"));
  });
});

describe("values", () => {
  const cases: [FilterDeclarations, string, Lookup, unknown][] = [
    [{ title: ["exact"] }, "title=%E2%80%A8 a b%20", "exact", "a b"],
    [{ price: ["gte"] }, "price__gte=1e1", "gte", "10"],
    [{ price: ["gte"] }, "price__gte= %2B002.740 ", "gte", "2.74"],
    [{ price: ["gt"] }, "price__gt=-.5e-2", "gt", "-0.005"],
    [{ price: ["gt"] }, "price__gt=-0.0", "gt", "0"],
    [{ price: ["range"] }, "price__range=1,5.50", "range", ["1", "5.5"]],
    [{ pages: ["exact"] }, "pages=100", "exact", 100],
    [{ pages: ["gte"] }, "pages__gte=99.9", "gte", 99],
    [{ pages: ["in"] }, "pages__in=1,,2,2", "in", [1, 2]],
    [{ sold: ["exact"] }, "sold=9223372036854775807", "exact", 9223372036854775807n],
    [{ rating: ["lte"] }, "rating__lte=4.5", "lte", 4.5],
    [{ in_print: ["exact"] }, "in_print=TRUE", "exact", true],
    [{ in_print: ["exact"] }, "in_print=0", "exact", false],
    [{ genre: ["exact"] }, "genre=poetry", "exact", "poetry"],
    [{ genre: ["in"] }, "genre__in=poetry,nope", "in", ["poetry", "nope"]],
    [{ stars: ["exact"] }, "stars=2", "exact", 2],
    [{ rating: ["isnull"] }, "rating__isnull=true", "isnull", true],
    [{ metadata: ["isnull"] }, "metadata__isnull=0", "isnull", false],
    [{ published_at: ["gte"] }, "published_at__gte=2020-01-01 10:00", "gte", "2020-01-01T10:00:00Z"],
    [{ published_at: ["lt"] }, "published_at__lt=2020-01-01T10:00:00.5%2B02:00", "lt", "2020-01-01T08:00:00.500000Z"],
    [{ published_at: ["date"] }, "published_at__date=02/03/2001", "date", "2001-02-03"],
    [{ published_at: ["date__lte"] }, "published_at__date__lte=Feb 3, 2001", "date__lte", "2001-02-03"],
    [{ published_at: ["date"] }, "published_at__date=3 february 2001", "date", "2001-02-03"],
    [{ published_at: ["date"] }, "published_at__date=2/3/69", "date", "1969-02-03"],
    [{ published_at: ["year__gt"] }, "published_at__year__gt=2001", "year__gt", 2001],
    [{ published_at: ["month"] }, "published_at__month=2.7", "month", 2],
    [{ opens: ["gte"] }, "opens__gte=8:30", "gte", "08:30:00"],
    [{ loan: ["lt"] }, "loan__lt=P1DT2H", "lt", "1 02:00:00"],
    [{ ref: ["exact"] }, "ref=B80C8FEFA677534085FB2C162D75DF03", "exact", "b80c8fef-a677-5340-85fb-2c162d75df03"],
    [{ isbn: ["in"] }, "isbn__in=1, 2,", "in", ["1", "2", ""]],
    [{ address: ["in"] }, "address__in=::1,nowhere", "in", ["::1"]],
    [{ title: ["regex"] }, "title__regex=1[05]$", "regex", "1[05]$"],
  ];
  for (const [declared, search, lookup, value] of cases) {
    test(`?${search}`, () => {
      const [path = ""] = Object.keys(declared);
      assert.deepEqual(where(declared, search), [{ path, lookup, value }]);
    });
  }
});

describe("a filter that is not asked", () => {
  const blank: [FilterDeclarations, string][] = [
    [{ title: ["iexact"] }, "title__iexact="],
    [{ title: ["exact"] }, "title=%20%E3%80%80"],
    [{ isbn: ["in"] }, "isbn__in="],
    [{ price: ["range"] }, "price__range="],
    [{ price: ["exact"] }, "price="],
    [{ author: ["exact"] }, "author="],
    [{ genre: ["exact"] }, "genre="],
    [{ in_print: ["exact"] }, "in_print=maybe"],
    [{ rating: ["isnull"] }, "rating__isnull=x"],
    [{ cheap: boolean(() => ({ and: [] })) }, "cheap=x"],
    [{ pages: range() }, "pages_min=&pages_max="],
    [{ pages: range() }, "pages=100"],
  ];
  for (const [declared, search] of blank) {
    test(`?${search} filters nothing`, () => assert.deepEqual(where(declared, search), []));
  }
});

describe("refused parameters", () => {
  const refused: [FilterDeclarations, string, string][] = [
    [{ title: ["exact"] }, "title=a%00", "title"],
    [{ title: ["regex"] }, "title__regex=(", "title__regex"],
    [{ price: ["exact"] }, "price=abc", "price"],
    [{ price: ["exact"] }, "price=%20", "price"],
    [{ price: ["gte"] }, "price__gte=NaN", "price__gte"],
    [{ price: ["gte"] }, "price__gte=Infinity", "price__gte"],
    [{ price: ["gte"] }, "price__gte=1e51", "price__gte"],
    [{ price: ["gte"] }, "price__gte=-1e999999999999", "price__gte"],
    [{ price: ["gte"] }, "price__gte=1e-999999999999", "price__gte"],
    [{ price: ["gte"] }, `price__gte=${"1".repeat(5000)}x`, "price__gte"],
    [{ price: ["range"] }, "price__range=5", "price__range"],
    [{ price: ["range"] }, "price__range=1,2,3", "price__range"],
    [{ pages: ["in"] }, "pages__in=1,x", "pages__in"],
    [{ genre: ["exact"] }, "genre= poetry", "genre"],
    [{ stars: ["exact"] }, "stars=4", "stars"],
    [{ published_at: ["gte"] }, "published_at__gte=2020-01-01", "published_at__gte"],
    [{ published_at: ["gte"] }, "published_at__gte=9999-12-31T23:59:59-05:00", "published_at__gte"],
    [{ published_at: ["date"] }, "published_at__date=2001-02-30", "published_at__date"],
    [{ published_at: ["date"] }, "published_at__date=0000-01-01", "published_at__date"],
    [{ published_at: ["date"] }, "published_at__date=Foo 3 2001", "published_at__date"],
    [{ published_at: ["year"] }, "published_at__year=x", "published_at__year"],
    [{ published: range("published_at") }, "published_after=x&published_before=y", "published"],
    [{ ref: ["exact"] }, "ref=x", "ref"],
    [{ author: ["exact"] }, "author=x", "author"],
    [{ author: ["exact"] }, "author=3.0", "author"],
    [{ author: ["exact"] }, "author=99999999999999999999", "author"],
    [{ author: ["in"] }, "author__in=1,x", "author__in"],
    [{ publisher: ["exact"] }, "publisher=7", "publisher"],
    [{ tags: ["exact"] }, "tags=", "tags"],
    [{ tags: ["exact"] }, "tags=3&tags=04", "tags"],
  ];
  for (const [declared, search, name] of refused) {
    test(`?${search.slice(0, 60)}`, () => assert.deepEqual(wrong(declared, search), [name]));
  }

  test("every wrong parameter is named at once, in the order of the declaration", () => {
    assert.deepEqual(wrong({ author: ["exact"], price: ["exact"], title: ["exact"] }, "price=y&title=z&author=x"), [
      "author",
      "price",
    ]);
  });
});

describe("numbers beyond the column", () => {
  const cases: [FilterDeclarations, string, unknown][] = [
    [{ pages: ["exact"] }, "pages=3000000000", nothing],
    [{ pages: ["lte"] }, "pages__lte=1e30", { path: "pages", lookup: "lte", value: 2147483647 }],
    [{ pages: ["lt"] }, "pages__lt=1e30", { path: "pages", lookup: "lte", value: 2147483647 }],
    [{ pages: ["gte"] }, "pages__gte=1e30", nothing],
    [{ pages: ["gt"] }, "pages__gt=-1e30", { path: "pages", lookup: "gte", value: -2147483648 }],
    [{ pages: ["in"] }, "pages__in=1,1e30", { path: "pages", lookup: "in", value: [1] }],
    [{ pages: ["in"] }, "pages__in=1e30", nothing],
    [{ sold: ["exact"] }, "sold=9223372036854775808", nothing],
    [
      { published_at: ["year__lt"] },
      "published_at__year__lt=1e20",
      { path: "published_at", lookup: "year__lte", value: 2147483647 },
    ],
    [{ price: ["range"] }, "price__range=5,", nothing],
    [{ address: ["exact"] }, "address=nowhere", nothing],
  ];
  for (const [declared, search, condition] of cases) {
    test(`?${search} asks what the database can compute`, () => assert.deepEqual(where(declared, search), [condition]));
  }
});

describe("rows that must exist", () => {
  test("a foreign key asks for its row", () => {
    const { checks } = reading({ author: ["exact"] }, "author= 3 ");
    assert.deepEqual(checks, [{ parameter: "author", target: Author, keys: [3] }]);
  });

  test("a foreign key to a model with another key reads that key", () => {
    const { checks } = reading({ publisher: ["exact"] }, "publisher=B80C8FEFA677534085FB2C162D75DF03");
    assert.deepEqual(checks, [
      { parameter: "publisher", target: Publisher, keys: ["b80c8fef-a677-5340-85fb-2c162d75df03"] },
    ]);
  });

  test("several keys are one condition and one check", () => {
    const declared: FilterDeclarations = { author: ["in"] };
    assert.deepEqual(reading(declared, "author__in=2,,3,2").checks, [
      { parameter: "author__in", target: Author, keys: [2, 3] },
    ]);
    assert.deepEqual(where(declared, "author__in=2,3"), [{ path: "author", lookup: "in", value: [2, 3] }]);
  });

  test("a repeated many-to-many parameter means any of the rows", () => {
    const asked = reading({ tags: ["exact"] }, "tags=3&tags=4");
    assert.deepEqual(asked.where(new Map()), [{ path: "tags", lookup: "in", value: [3, 4] }]);
    assert.deepEqual(asked.checks[0]?.target, Tag);
  });

  test("only commas name no row, and find none", () => {
    assert.deepEqual(where({ author: ["in"] }, "author__in=,"), [nothing]);
  });

  test("a row that is not there is reported together with everything else", () => {
    const asked = reading({ author: ["exact"], price: ["exact"] }, "author=999&price=x");
    assert.throws(
      () => asked.where(new Map(asked.checks.map((check) => [check, check.keys]))),
      (error) => error instanceof ValidationError && Object.keys(error.issues).join() === "author,price",
    );
  });
});

describe("ranges", () => {
  test("numbers have a minimum and a maximum, both inclusive", () => {
    assert.deepEqual(where({ pages: range() }, "pages_min=100&pages_max=110"), [
      {
        and: [
          { path: "pages", lookup: "gte", value: 100 },
          { path: "pages", lookup: "lte", value: 110 },
        ],
      },
    ]);
  });

  test("either bound may be left out", () => {
    assert.deepEqual(where({ published: range("published_at") }, "published_before=2020-01-01T00:00Z"), [
      { and: [{ path: "published_at", lookup: "lte", value: "2020-01-01T00:00:00Z" }] },
    ]);
  });
});

test("a yes-or-no filter has a condition for each answer", () => {
  const declared = { cheap: boolean((yes) => ({ path: "price", lookup: yes ? "lt" : "gte", value: "10" })) };
  assert.deepEqual(where(declared, "cheap=1"), [{ path: "price", lookup: "lt", value: "10" }]);
  assert.deepEqual(where(declared, "cheap=False"), [{ path: "price", lookup: "gte", value: "10" }]);
});

describe("the parameters, as documents and forms read them", () => {
  test("name, kind, label, choices and target are plain data", () => {
    const { parameters } = filters({ genre: ["exact"], author__name: ["icontains"], pages: range(), tags: ["exact"] });
    assert.deepEqual(parameters, [
      {
        name: "genre",
        kind: "choice",
        arity: "one",
        label: "Genre",
        choices: [
          ["poetry", "Poetry"],
          ["fiction", "Fiction"],
        ],
        target: undefined,
      },
      {
        name: "author__name__icontains",
        kind: "text",
        arity: "one",
        label: "Author name contains",
        choices: undefined,
        target: undefined,
      },
      {
        name: "pages_min",
        kind: "integer",
        arity: "one",
        label: "Pages is at least",
        choices: undefined,
        target: undefined,
      },
      {
        name: "pages_max",
        kind: "integer",
        arity: "one",
        label: "Pages is at most",
        choices: undefined,
        target: undefined,
      },
      { name: "tags", kind: "key", arity: "repeated", label: "Tags", choices: undefined, target: "tag" },
    ]);
  });

  test("a transform with exact loses it, as in date__exact", () => {
    assert.deepEqual(
      filters({ published_at: ["date__exact", "year"] }).parameters.map(({ name }) => name),
      ["published_at__date", "published_at__year"],
    );
  });
});

describe("a wrong declaration fails at start and names its place", () => {
  const cases: [string, FilterDeclarations, RegExp][] = [
    [
      "an unknown field",
      { auhtor__name: ["exact"] },
      /resource "books", filter "auhtor__name": .*did you mean author\?/,
    ],
    [
      "an unknown field behind a relation",
      { author__nam: ["exact"] },
      /"nam" is not a field of author; did you mean name\?/,
    ],
    ["a step through a field that is no relation", { title__name: ["exact"] }, /"title" is no relation/],
    ["a relation behind a many-to-many field", { tags__author: ["exact"] }, /expected one field of tag/],
    ["a lookup that its kind does not have", { pages: ["icontains"] }, /"icontains" is no lookup of an integer field/],
    ["a lookup that does not exist", { title: ["like" as Lookup] }, /"like" is no lookup/],
    ["a transform of a text", { title: ["year"] }, /"year" is no lookup/],
    ["a range of texts", { title: range() }, /expected a field of numbers, dates or times/],
    ["a range of nothing", { published: range() }, /"published" is not a field/],
    [
      "a condition on an unknown field",
      { cheap: boolean(() => ({ path: "prize", lookup: "lt", value: "1" })) },
      /did you mean price\?/,
    ],
  ];
  for (const [what, declared, message] of cases) {
    test(what, () => {
      assert.throws(
        () => filters(declared),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }

  test("two filters with one parameter", () => {
    const declared: FilterDeclarations = { title: ["icontains"], title__icontains: through("isbn") };
    assert.throws(() => filters(declared), /the parameter "title__icontains" is declared twice/);
  });
});
