import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSessionCodec, isSessionAuthHash, newSessionKey, sessionAuthHash } from "../../src/auth/index.ts";

const secretKey = "a secret key of the tests, 0123456789";
const now = () => 1_700_000_000_500;
const codec = createSessionCodec({ secretKey, now });

/** Made by Django 3.2.25. */
const stored =
  ".eJyrVopPLC3JiC8tTi2Kz0xRslIyVtJBFktKTM5OzQNJpGQl5qXn6yXn55UUZSbpgZToQWWL9XzzU1JznKBqUQzISCzOAOo2oBAo1QIAJCgyTw:1r31eq:a4cFfwzFV9D4T0nUzCK0Q4MGf0P3dCyZWPMxajuVf98";
const session = {
  _auth_user_id: "3",
  _auth_user_backend: "django.contrib.auth.backends.ModelBackend",
  _auth_user_hash: "0".repeat(64),
};

describe("session data", () => {
  test("a session that Django stored is read", () => {
    assert.deepEqual(codec.decode(stored), session);
  });

  test("a session of the fixture is read with the fixture's key", () => {
    const ofAlice =
      ".eJxVjDsOwjAQBe_iGln-xd5Q0nMGa7Ne4wCypTipEHeHSCmgfTPzXiLitpa4dV7inMRZWHH63SakB9cdpDvWW5PU6rrMk9wVedAury3x83K4fwcFe_nWHjIkdJqUsozakAsBfNAwkGPKOYc8kNWjBaXBQ2I0OhjKZgyswE_i_QHZwzeH:1xUYB4:cFVoALuKQd8-ibc2_AAsXidi6Pn3HW23iPdXKMl_3vA";
    const key = "conformance-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz";
    const data = createSessionCodec({ secretKey: key, now }).decode(ofAlice);
    assert.equal(data._auth_user_id, "3");
    const password = "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuuBqKOqmQhGTLe7S2/.MAxB2h65xcSIdK";
    assert.equal(data._auth_user_hash, sessionAuthHash(password, key));
  });

  test("a session that is stored here reads back, in Django's form", () => {
    const text = codec.encode(session);
    assert.match(text, /^\.[\w-]+:1r31eq:[\w-]{43}$/);
    assert.deepEqual(codec.decode(text), session);
    assert.deepEqual(codec.decode(codec.encode({})), {});
  });

  test("a session of an older secret key is read while the key is a fallback", () => {
    assert.deepEqual(createSessionCodec({ secretKey: "new", fallbacks: [secretKey], now }).decode(stored), session);
    assert.deepEqual(createSessionCodec({ secretKey: "new", now }).decode(stored), {});
  });

  const unreadable = [
    "",
    "nonsense",
    stored.slice(0, -1),
    stored.slice(1),
    "ZDQyMDAxODIyMzJjZjE1YjBmZmRhYmI4OGJjM2E3MTE4NTlhZmI2Mjp7Il9hdXRoX3VzZXJfaWQiOiIzIn0=",
  ];
  for (const text of unreadable) {
    test(`"${text.slice(0, 20)}" is an empty session`, () => {
      assert.deepEqual(codec.decode(text), {});
    });
  }
});

describe("the hash that ties a session to a password", () => {
  const password = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=";
  const hash = "acb8ee0fe602af7ea6d22d730b05342c6803c1188bc2057a5ce5d43e1720aa68";

  test("is Django's", () => {
    assert.equal(sessionAuthHash(password, secretKey), hash);
  });

  test("belongs to one password and one key", () => {
    assert.equal(isSessionAuthHash(hash, password, { secretKey }), true);
    assert.equal(isSessionAuthHash(hash, `${password} `, { secretKey }), false);
    assert.equal(isSessionAuthHash(hash, password, { secretKey: "new" }), false);
    assert.equal(isSessionAuthHash("", password, { secretKey }), false);
    assert.equal(isSessionAuthHash(hash, password, { secretKey: "new", fallbacks: [secretKey] }), true);
  });
});

test("a session key is 32 lower-case letters and digits, a new one each time", () => {
  const keys = new Set(Array.from({ length: 100 }, () => newSessionKey()));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[a-z0-9]{32}$/);
});
