/** Links of Django's password reset and ours are each other's, held against tokens that were recorded, and against Django itself. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLinkTokens, idOf, resetSalt, resetState, uidOf } from "../../../src/auth/accounts/link-token.ts";
import type { UserRow } from "../../../src/auth/models.ts";
import { askDjango, withoutDjango } from "../django.ts";

const secretKey = "a secret of tests, thirty-two characters";
const now = Date.UTC(2024, 5, 1, 12);
const tokensAt = (time: number, keys = { secretKey, fallbacks: [] as string[] }) =>
  createLinkTokens({ ...keys, salt: resetSalt, timeoutSeconds: 3600, now: () => time });

const alice = {
  ...{ id: 7, username: "alice", email: "alice@example.com", first_name: "", last_name: "" },
  password: "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
  ...{ is_active: true, is_staff: false, is_superuser: false, date_joined: "2024-01-01T00:00:00Z" },
  last_login: null,
} satisfies UserRow;
const users: readonly UserRow[] = [
  alice,
  { ...alice, last_login: "2024-05-31T08:09:10.123456Z" },
  { ...alice, id: 123456789, email: "", password: "!x" },
];

/** Made by Django 3.2.25 with this key, for these users, at this time. */
const recorded = [
  "c7xyo0-a236d5b3d7dc8f65f81a33a5319985f6",
  "c7xyo0-0cd48c8f56e282988c0d6b4830fe6eb9",
  "c7xyo0-c8c17adef81a15209b17723faf36d65f",
];

describe("the link of a password reset", () => {
  for (const [i, user] of users.entries()) {
    it(`is the one that Django makes (${i})`, () => {
      assert.equal(tokensAt(now).make(resetState(user)), recorded[i]);
      assert.equal(tokensAt(now + 3_600_000).check(recorded[i] ?? "", resetState(user)), true);
      assert.equal(tokensAt(now + 3_601_000).check(recorded[i] ?? "", resetState(user)), false);
    });
  }

  it("is accepted under an older key, and not under another one", () => {
    const token = tokensAt(now).make(resetState(alice));
    const newer = "a newer secret of tests, thirty-two characters";
    assert.equal(tokensAt(now, { secretKey: newer, fallbacks: [secretKey] }).check(token, resetState(alice)), true);
    assert.equal(tokensAt(now, { secretKey: newer, fallbacks: [] }).check(token, resetState(alice)), false);
  });

  it("ends with the state it was made of", () => {
    const token = tokensAt(now).make(resetState(alice));
    for (const changed of [
      { password: "!y" },
      { last_login: "2024-06-01T12:00:00Z" },
      { email: "a@b.de" },
      { id: 8 },
    ]) {
      assert.equal(tokensAt(now).check(token, resetState({ ...alice, ...changed })), false);
    }
  });

  it("is nothing else than it is", () => {
    const token = tokensAt(now).make(resetState(alice));
    const [time = "", digest = ""] = token.split("-");
    for (const wrong of [
      "",
      "-",
      time,
      `0${token}`,
      `${time}-${digest}0`,
      token.toUpperCase(),
      `${token}\n`,
      `zz-${digest}`,
    ])
      assert.equal(tokensAt(now).check(wrong, resetState(alice)), false, wrong);
  });

  it("names the account as Django does, and nothing that is no key", () => {
    assert.deepEqual([uidOf(7), uidOf(123456789)], ["Nw", "MTIzNDU2Nzg5"]);
    for (const id of [0, 7, 123456789]) assert.equal(idOf(uidOf(id)), id);
    for (const wrong of ["", "!", "Nw==", "Nx", "MDc", "LTE", "YWxpY2U", "OTk5OTk5OTk5OTk5OTk5OTk5"])
      assert.equal(idOf(wrong), undefined, wrong);
  });

  it("is taken by Django, and Django's by us", { skip: withoutDjango() }, () => {
    for (const user of users) {
      const [theirs, takesOurs] = tokensOfDjango(user, tokensAt(now).make(resetState(user)));
      assert.equal(takesOurs, true);
      assert.equal(tokensAt(now).check(String(theirs), resetState(user)), true);
    }
  });
});

/** Django's token of a user, and whether it takes ours. */
function tokensOfDjango(user: UserRow, token: string): unknown[] {
  const settings = `SECRET_KEY=question[0], USE_TZ=True, TIME_ZONE="UTC", PASSWORD_RESET_TIMEOUT=3600`;
  return askDjango(
    [secretKey, user, token, now],
    settings,
    `
import datetime
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.dateparse import parse_datetime
_, user, token, now = question
generator = PasswordResetTokenGenerator()
generator._now = lambda: datetime.datetime.utcfromtimestamp(now / 1000)
login = user["last_login"] and parse_datetime(user["last_login"])
made = User(id=user["id"], email=user["email"], password=user["password"], last_login=login)
answer = [generator.make_token(made), generator.check_token(made, token)]`,
  );
}
