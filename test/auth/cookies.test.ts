import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deleteCookie, parseCookies, serializeCookie } from "../../src/auth/index.ts";

const now = 1_700_000_000_500;

describe("the Cookie header", () => {
  /** What Django 3.2.25 makes of each. */
  const headers: [string, [string, string][]][] = [
    [
      "a=1; b=2; a=3",
      [
        ["a", "3"],
        ["b", "2"],
      ],
    ],
    [
      'a="x y"; b="q\\"uote"; c="\\054\\303"',
      [
        ["a", "x y"],
        ["b", 'q"uote'],
        ["c", ",Ã"],
      ],
    ],
    [
      "novalue; =x; k=",
      [
        ["", "x"],
        ["k", ""],
      ],
    ],
    [
      "a=b=c;d = e ;;",
      [
        ["a", "b=c"],
        ["d", "e"],
      ],
    ],
    [" ", []],
    [
      '__proto__=1; a="unfinished; b=%20',
      [
        ["__proto__", "1"],
        ["a", '"unfinished'],
        ["b", "%20"],
      ],
    ],
    [
      'x="\\"; y="\\\\"; z="a\\9b"; w="\\0\\05\\054"',
      [
        ["x", "\\"],
        ["y", "\\"],
        ["z", "a9b"],
        ["w", "005,"],
      ],
    ],
  ];
  for (const [header, expected] of headers) {
    test(`${header} is read as Django reads it`, () => {
      assert.deepEqual([...parseCookies(header)], expected);
    });
  }
});

describe("the Set-Cookie header", () => {
  test("is Django's for the CSRF cookie", () => {
    assert.equal(
      serializeCookie("csrftoken", "abc123", { maxAgeSeconds: 31_449_600, sameSite: "Lax" }, now),
      "csrftoken=abc123; expires=Tue, 12 Nov 2024 22:13:20 GMT; Max-Age=31449600; Path=/; SameSite=Lax",
    );
  });

  test("is Django's with every attribute", () => {
    const attributes = {
      maxAgeSeconds: 1_209_600,
      domain: "example.com",
      httpOnly: true,
      secure: true,
      sameSite: "Lax",
    } as const;
    assert.equal(
      serializeCookie("sessionid", "k", attributes, now),
      "sessionid=k; Domain=example.com; expires=Tue, 28 Nov 2023 22:13:20 GMT; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax; Secure",
    );
    assert.equal(
      serializeCookie("n", "v", { path: "/api/", sameSite: "None", secure: true }, now),
      "n=v; Path=/api/; SameSite=None; Secure",
    );
  });

  test("quotes a value as Django does, so that it cannot leave its place", () => {
    const value = 'a b;c"d\\é,\r\n(=)';
    const header = serializeCookie("q", value, {}, now);
    assert.equal(header, 'q="a b\\073c\\"d\\\\\\351\\054\\015\\012(=)"; Path=/');
    assert.equal(parseCookies(header).get("q"), value);
    assert.equal(serializeCookie("e", "", {}, now), 'e=""; Path=/');
  });

  test("makes a browser forget a cookie, as Django does", () => {
    assert.equal(
      deleteCookie("gone", { sameSite: "Lax" }),
      'gone=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax',
    );
    assert.equal(
      deleteCookie("__Host-x"),
      '__Host-x=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; Secure',
    );
  });

  const wrong: [string, () => string][] = [
    ["a name with a separator", () => serializeCookie("a;b", "", {}, now)],
    ["an empty name", () => serializeCookie("", "", {}, now)],
    ["a line feed in the path", () => serializeCookie("a", "", { path: "/\r\nSet-Cookie: b=c" }, now)],
    ["an attribute in the domain", () => deleteCookie("a", { domain: "x; Secure" })],
    ["a value that Latin-1 cannot hold", () => serializeCookie("a", "✓", {}, now)],
  ];
  for (const [title, make] of wrong) {
    test(`${title} is refused`, () => {
      assert.throws(make, TypeError);
    });
  }
});
