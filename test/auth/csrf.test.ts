import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { csrf } from "../../src/auth/index.ts";

/** Made by Django 3.2.25. */
const secret = "abcdefghijklmnopqrstuvwxyzABCDEF";
const token = "7nouY0IHXFP4ENxCE1a0mF6JyXc5FbA97oqx25OO5OZfQ0LRUisjG0s6WmCw7E4E";

describe("CSRF tokens", () => {
  test("a token of Django hides its secret", () => {
    assert.equal(csrf.unmask(token), secret);
    assert(csrf.matches(token, secret));
    assert(csrf.matches(secret, token));
    assert(csrf.matches(secret, secret), "both sides may be bare, as since Django 4.1");
  });

  test("a masked secret is 64 letters and digits, looks new each time, and unmasks", () => {
    const made = csrf.newSecret();
    assert.match(made, /^[a-zA-Z0-9]{32}$/);
    const tokens = new Set(Array.from({ length: 50 }, () => csrf.mask(made)));
    assert.equal(tokens.size, 50);
    for (const masked of tokens) {
      assert.match(masked, /^[a-zA-Z0-9]{64}$/);
      assert.equal(csrf.unmask(masked), made);
      assert(csrf.matches([...tokens][0] ?? "", masked));
    }
  });

  test("tokens of different secrets do not match", () => {
    assert.equal(csrf.matches(token, csrf.mask(csrf.newSecret())), false);
    assert.equal(csrf.matches(token, token.replace(/E$/, "F")), false);
  });

  for (const text of [
    "",
    "a",
    token.slice(1),
    `${token}a`,
    token.replace("7", "-"),
    token.replace("7", "é"),
    `${secret}\n`,
  ]) {
    test(`"${text.slice(0, 12)}", ${text.length} characters, matches nothing, not even itself`, () => {
      assert.equal(csrf.unmask(text), undefined);
      assert.equal(csrf.matches(text, text), false);
      assert.equal(csrf.matches(token, text), false);
      assert.equal(csrf.matches(text, token), false);
    });
  }
});

describe("the origin of an unsafe request", () => {
  const trusted = ["https://shop.example.com", "https://*.example.org", "http://dev.example.net:3000"];
  const allowed = (request: { origin?: string; referer?: string; host?: string; secure?: boolean }) =>
    csrf.originAllowed(request.origin, request.referer, request.host ?? "example.com", request.secure ?? true, trusted);

  const origins: [string, boolean][] = [
    ["https://example.com", true],
    ["HTTPS://EXAMPLE.COM", true],
    ["https://shop.example.com", true],
    ["https://a.example.org", true],
    ["https://a.b.example.org", true],
    ["https://example.org", true],
    ["http://dev.example.net:3000", true],
    ["http://example.com", false],
    ["https://example.com:8443", false],
    ["https://example.com.evil.test", false],
    ["https://evil-example.org", false],
    ["http://a.example.org", false],
    ["https://a.example.org:8443", false],
    ["https://dev.example.net:3000", false],
    ["https://evil.test/?.example.org", false],
    ["null", false],
    ["", false],
  ];
  for (const [origin, expected] of origins) {
    test(`Origin "${origin}" is ${expected ? "accepted" : "refused"}`, () => {
      assert.equal(allowed({ origin }), expected);
    });
  }

  test("a refused Origin is not saved by a right Referer", () => {
    assert.equal(allowed({ origin: "https://evil.test", referer: "https://example.com/" }), false);
  });

  test("the scheme of this host is that of the request", () => {
    assert.equal(allowed({ origin: "http://127.0.0.1:8000", host: "127.0.0.1:8000", secure: false }), true);
    assert.equal(allowed({ origin: "https://127.0.0.1:8000", host: "127.0.0.1:8000", secure: false }), false);
  });

  test("a Host may name the default port that browsers leave out", () => {
    assert.equal(allowed({ origin: "https://example.com", host: "example.com:443" }), true);
  });

  const referers: [string | undefined, boolean][] = [
    ["https://example.com/form/?a=b", true],
    ["https://shop.example.com/", true],
    ["https://a.example.org/", true],
    [undefined, false],
    ["", false],
    ["/form/", false],
    ["http://example.com/", false],
    ["http://dev.example.net:3000/", false],
    ["https://example.com@evil.test/", false],
    ["https://evil.test/example.com", false],
    ["https://example.com:8443/", false],
  ];
  for (const [referer, expected] of referers) {
    test(`over HTTPS, without Origin, Referer "${referer}" is ${expected ? "accepted" : "refused"}`, () => {
      assert.equal(allowed({ referer }), expected);
    });
  }

  test("over plain HTTP the Referer is not asked", () => {
    assert.equal(allowed({ secure: false }), true);
    assert.equal(allowed({ secure: false, referer: "http://evil.test/" }), true);
  });

  test("a Host that is none allows nothing", () => {
    assert.equal(allowed({ host: "", origin: "https://" }), false);
    assert.equal(allowed({ host: "a b", origin: "https://a b" }), false);
  });
});
