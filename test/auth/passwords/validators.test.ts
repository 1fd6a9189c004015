/** New passwords: what Django's four checks refuse is refused, with its codes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  defaultPasswordValidators,
  findIssues,
  type PasswordOwner,
  type PasswordValidator,
} from "../../../src/auth/passwords/validators.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { passwordValidator } from "../../../src/index.ts";
import { askDjango, withoutDjango } from "../django.ts";

const owner: PasswordOwner = {
  username: "alice.cooper",
  first_name: "Alice",
  last_name: "Łukasiewicz",
  email: "cooper-1948@music.example.com",
};
const codesOf = async (password: string, validators = defaultPasswordValidators()) =>
  (await findIssues(validators, password, owner)).map(({ code }) => code);

/** The codes that Django 3.2 gives, in the order of a new project's settings. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "correct horse": [],
  "": ["password_too_short"],
  "1234567": ["password_too_short", "password_too_common", "password_entirely_numeric"],
  "12345678": ["password_too_common", "password_entirely_numeric"],
  "7391846205518": ["password_entirely_numeric"],
  "٧٣٩١٨٤٦٢٠٥٥": ["password_entirely_numeric"],
  PassWord1: ["password_too_common"],
  " password ": ["password_too_common"],
  "alice.cooper": ["password_too_similar"],
  "reepooc.ecila": ["password_too_similar"],
  ALICECOOPER1: ["password_too_similar"],
  "cooper-1948": ["password_too_similar"],
  łukasiewicz9: ["password_too_similar"],
  "example.com": ["password_too_similar"],
  𝒽𝑜𝓇𝓈𝑒: ["password_too_short"],
  [`${"long enough to be a sentence ".repeat(20)}alice`]: [],
};

describe("a new password", () => {
  for (const [password, codes] of Object.entries(cases)) {
    it(`${JSON.stringify(password.slice(0, 30))}: ${codes.join(", ") || "is good"}`, async () => {
      assert.deepEqual(await codesOf(password), codes.toSorted(byOrder));
    });
  }

  it("is never in what is said about it", async () => {
    for (const password of Object.keys(cases).filter((text) => text.trim().length > 3)) {
      for (const { message } of await findIssues(defaultPasswordValidators(), password, owner))
        assert.ok(!message.includes(password));
    }
  });

  it("is held to what an app asks instead", async () => {
    const own: PasswordValidator = {
      validate: (text) => (/shop/i.test(text) ? { code: "shop", message: "No." } : undefined),
    };
    const validators = [passwordValidator.minLength(12), own];
    assert.deepEqual(await codesOf("My Shop", validators), ["password_too_short", "shop"]);
    assert.deepEqual(await codesOf("12345678901234", validators), []);
  });

  it("cannot be asked for what makes no sense", () => {
    assert.throws(() => passwordValidator.minLength(0), ConfigurationError);
    assert.throws(() => passwordValidator.notSimilar(0), ConfigurationError);
  });

  it("is refused by Django for the same reasons", { skip: withoutDjango() }, () => {
    assert.deepEqual(
      codesOfDjango(Object.keys(cases)),
      Object.values(cases).map((codes) => codes.toSorted(byOrder)),
    );
  });
});

const order = ["password_too_similar", "password_too_short", "password_too_common", "password_entirely_numeric"];
function byOrder(left: string, right: string): number {
  return order.indexOf(left) - order.indexOf(right);
}

function codesOfDjango(passwords: readonly string[]): unknown {
  return askDjango(
    [owner, passwords],
    `SECRET_KEY="x", AUTH_PASSWORD_VALIDATORS=[{"NAME": "django.contrib.auth.password_validation." + n} for n in (
  "UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")]`,
    `
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
owner, passwords = question
def codes(password):
    try:
        validate_password(password, User(**owner))
        return []
    except ValidationError as error:
        return [one.code for one in error.error_list]
answer = [codes(p) for p in passwords]`,
  );
}
