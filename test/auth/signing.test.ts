import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BadSignature, dumps, loads, SignatureExpired, Signer, TimestampSigner } from "../../src/auth/index.ts";

const secretKey = "a secret key of the tests, 0123456789";
const salt = "test.salt";
const signedAt = 1_700_000_000.5;

/** A signer at the time at which Django made the texts below. */
const arrange = (options: { salt?: string; secretKey?: string; fallbacks?: string[]; seconds?: number } = {}) =>
  new TimestampSigner({ secretKey, salt, now: () => (options.seconds ?? signedAt) * 1000, ...options });

/** Made by Django 3.2.25. */
const made = {
  dumps:
    "eyJhIjoxLCJ0ZXh0IjoibmFcdTAwZWZ2ZSBcdTI3MTMgXHVkODNkXHVkZTAwIFx1MDA3ZiIsImxpc3QiOlt0cnVlLG51bGwsMS41XX0:1r31eq:ogAuR20BO5D9fgkO4W-ztUzMq-GVdGYqrHHck1bO0SA",
  compressed: ".eJyrVipJrShRslIqzy9KURiRhFItAFrcYHg:1r31eq:ddqoglbi7mXGbFp_a8Q3tJBuQ129I85zbOgyTFXseKA",
  small: "eyJhIjoxfQ:1r31eq:iKL64OPrVmbD_XROq9_AGpp5llLQPgNCo4nti_11iW4",
  signer: "hello:world:wubvdWEMFEFnRgEEXOO7g_WCDdsp-4oW-92kjnEcCmA",
  timestamp: "hello:1r31eq:5lziYDF--hXn3Q15OuNvxqi-MtqZppDAElN1JtrQBg8",
  sha1: "hello:world:LWSg37ZfjmUnWJjtDdyeI41muH4",
};
const value = { a: 1, text: "naïve ✓ 😀 \x7f", list: [true, null, 1.5] };

describe("signed texts and Django", () => {
  test("a text is signed as Django signs it, and read back", () => {
    const signer = new Signer({ secretKey, salt });
    assert.equal(signer.sign("hello:world"), made.signer);
    assert.equal(signer.unsign(made.signer), "hello:world");
    assert.equal(arrange().sign("hello"), made.timestamp);
    assert.equal(arrange().unsign(made.timestamp), "hello");
  });

  test("JSON is signed as Django signs it, also beyond ASCII", () => {
    assert.equal(dumps(value, arrange()), made.dumps);
    assert.deepEqual(loads(made.dumps, arrange()), value);
  });

  test("JSON is compressed where that makes it shorter", () => {
    const long = { text: "word ".repeat(50) };
    assert.deepEqual(loads(made.compressed, arrange()), long);
    assert(dumps(long, arrange(), { compress: true }).startsWith("."));
    assert.deepEqual(loads(dumps(long, arrange(), { compress: true }), arrange()), long);
    assert.equal(dumps({ a: 1 }, arrange(), { compress: true }), made.small);
  });
});

describe("a signature is refused", () => {
  const changed: [string, string][] = [
    ["of a changed value", made.timestamp.replace("hello", "hallo")],
    ["of a changed time", made.timestamp.replace("1r31eq", "1r31er")],
    ["that is cut off", made.timestamp.slice(0, -1)],
    ["that is empty", "hello:1r31eq:"],
    ["that is missing", "hello"],
    ["of nothing", ""],
    ["made with SHA-1", made.sha1],
  ];
  for (const [title, text] of changed) {
    test(title, () => {
      assert.throws(() => arrange().unsign(text), BadSignature);
      assert.throws(() => new Signer({ secretKey, salt }).unsign(text), BadSignature);
    });
  }

  test("made for another purpose", () => {
    assert.throws(() => loads(made.dumps, arrange({ salt: "other" })), BadSignature);
  });

  test("made with another key, unless that key is a fallback", () => {
    assert.throws(() => loads(made.dumps, arrange({ secretKey: "new" })), BadSignature);
    const signer = arrange({ secretKey: "new", fallbacks: ["older", secretKey] });
    assert.deepEqual(loads(made.dumps, signer), value);
    assert.notEqual(dumps(value, signer), made.dumps, "new texts are signed with the new key");
  });

  test("when what is signed is no JSON", () => {
    for (const text of ["bm8", ".bm8", "", "."]) {
      assert.throws(() => loads(arrange().sign(text), arrange()), BadSignature);
    }
  });

  test("when it has no time, or one that is no number", () => {
    const plain = new Signer({ secretKey, salt });
    assert.throws(() => arrange().unsign(plain.sign("hello")), BadSignature);
    assert.throws(() => arrange().unsign(plain.sign("hello:soon?")), BadSignature);
  });

  test("by a signer without a key", () => {
    assert.throws(() => arrange({ secretKey: "" }), TypeError);
    assert.throws(() => arrange({ fallbacks: [""] }), TypeError);
  });
});

describe("the age of a signed text", () => {
  test("is accepted up to the limit", () => {
    assert.deepEqual(loads(made.dumps, arrange({ seconds: 1_700_000_060 }), 60), value);
    assert.throws(() => loads(made.dumps, arrange({ seconds: 1_700_000_060.5 }), 60), SignatureExpired);
  });

  test("does not matter without a limit", () => {
    assert.deepEqual(loads(made.dumps, arrange({ seconds: 4_000_000_000 })), value);
  });
});
