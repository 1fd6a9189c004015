/** What a login does with an encoding is what Django does with it: known or not, and replaced or left, whichever hasher is preferred. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPasswords, type PasswordAlgorithm } from "../../../src/auth/index.ts";
import { askDjango, withoutDjango } from "../django.ts";

const parameters = {
  argon2: { memoryKiB: 1024, passes: 2, parallelism: 1, hashBytes: 16 },
  pbkdf2_sha256: { iterations: 1000 },
  pbkdf2_sha1: { iterations: 1000 },
  bcrypt_sha256: { cost: 4 },
  bcrypt: { cost: 4 },
};
const password = "pässwörd ✓";

/** Django's own encodings of many costs and salts, and for each preferred hasher: is it right, is a wrong one, is it replaced. */
const lines = `
from django.contrib.auth import hashers
names = ["argon2", "pbkdf2_sha256", "pbkdf2_sha1", "bcrypt_sha256", "bcrypt"]
argon2, pbkdf2, sha1, bcrypt_sha256, bcrypt = [hashers.get_hasher(name) for name in names]
argon2.memory_cost, argon2.time_cost, argon2.parallelism = 1024, 2, 1
pbkdf2.iterations = sha1.iterations = 1000
bcrypt_sha256.rounds = bcrypt.rounds = 4
def but(hasher, **values):
    before = {name: getattr(hasher, name) for name in values}
    for name, value in values.items(): setattr(hasher, name, value)
    encoded = hasher.encode(question, hasher.salt())
    for name, value in before.items(): setattr(hasher, name, value)
    return encoded
long, enough, short = "a" * 40, "a" * 22, "a" * 21
encodings = [h.encode(question, h.salt()) for h in (argon2, pbkdf2, sha1, bcrypt_sha256, bcrypt)]
encodings += [h.encode(question, salt) for h in (argon2, pbkdf2, sha1) for salt in (long, enough, short, "aaaaaaaa")]
encodings += [h.encode(question, salt, n) for h in (pbkdf2, sha1) for salt in (enough, short) for n in (999, 1001)]
encodings += [but(argon2, memory_cost=2048), but(argon2, time_cost=1), but(argon2, parallelism=2)]
encodings += [but(bcrypt_sha256, rounds=5), but(bcrypt, rounds=5)]
encodings += [hashers.make_password(None), "", "!", "plain", "pbkdf2_sha256$1000$" + enough, "bcrypt$x", "unknown$a$b"]
def ask(preferred, encoded):
    replaced = []
    try:
        right = hashers.check_password(question, encoded, replaced.append, preferred)
        wrong = hashers.check_password("wrong", encoded, replaced.append, preferred)
    except Exception:
        right = wrong = False  # Django fails on what is no encoding
    return [preferred, encoded, right, wrong, len(replaced) > 0]
answer = [ask(name, encoded) for name in names for encoded in encodings]`;

describe("an encoding at a login", () => {
  it("is known and replaced as Django does it", { skip: withoutDjango("argon2", "bcrypt") }, async () => {
    const hashers = ["Argon2", "PBKDF2", "PBKDF2SHA1", "BCryptSHA256", "BCrypt"];
    const names = hashers.map((name) => `"django.contrib.auth.hashers.${name}PasswordHasher"`).join();
    const asked: readonly [PasswordAlgorithm, string, boolean, boolean, boolean][] = askDjango(
      password,
      `SECRET_KEY="x", PASSWORD_HASHERS=[${names}]`,
      lines,
    );
    assert.equal(asked.length, 5 * 37);
    for (const [preferred, encoded, right, wrong, replaced] of asked) {
      const passwords = createPasswords({ preferred, parameters, maxConcurrent: 1 });
      const { valid, upgraded } = await passwords.verify(password, encoded);
      const other = await passwords.verify("wrong", encoded);
      assert.deepEqual(
        [valid, other.valid, upgraded !== undefined || other.upgraded !== undefined],
        [right, wrong, replaced],
        `${encoded} where ${preferred} is preferred`,
      );
    }
    assert.deepEqual(
      [...new Set(asked.map((each) => each.slice(2).join()))].toSorted(),
      ["false,false,false", "true,false,false", "true,false,true"],
      "each of the answers was among them",
    );
  });
});
