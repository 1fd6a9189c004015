import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger } from "../../src/server/index.ts";

const token = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJlLW9mLWl0";
const canary = "canary-4711-bird";

/** What both forms of the log write. */
function linesOf(message: string, fields: Parameters<ReturnType<typeof createLogger>["error"]>[1]): readonly string[] {
  return (["json", "readable"] as const).map((format) => {
    const lines: string[] = [];
    createLogger({ format, level: "debug", now: () => 0, write: (line) => lines.push(line) }).error(message, fields);
    return lines.join("\n");
  });
}

describe("the log", () => {
  const cases: Readonly<Record<string, [string, Parameters<typeof linesOf>[1]]>> = {
    "a field that is a password": ["m", { password: canary }],
    "a field that is a token": ["m", { refresh_token: canary }],
    "a header that is quoted": [`expected a header, got Authorization: Bearer ${canary}`, {}],
    "a URL with its password": ["m", { url: `postgres://app:${canary}@db.example.com/app` }],
    "a password with an @ in it": ["m", { url: `postgres://app:p@${canary}@db.example.com/app` }],
    "an assignment in a message": [`failed with SECRET_KEY=${canary}`, {}],
    "a body that is quoted by an error": ["m", { error: new Error(`bad JSON: {"password": "${canary}"}`) }],
    "a cause of an error": ["m", { error: new Error("outer", { cause: new Error(`sessionid=${canary}; path=/`) }) }],
    "a private key": ["m", { error: new Error(`-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----`) }],
  };
  for (const [what, [message, fields]] of Object.entries(cases)) {
    it(`does not have ${what}`, () => {
      for (const line of linesOf(message, fields)) {
        assert.ok(!line.includes(canary), line);
        assert.match(line, /\[redacted\]/);
      }
    });
  }

  it("does not have a token, wherever it stands", () => {
    for (const fields of [{ path: `/x/${token}/` }, { error: new Error(`no such user: ${token}`) }])
      for (const line of linesOf(`for ${token}`, fields)) assert.ok(!line.includes("eyJ"), line);
  });

  it("has all else as it was", () => {
    const fields = {
      method: "POST",
      path: "/api/token/refresh/",
      event: "authn_token_created:7",
      user: 7,
      is_secret: true,
    };
    for (const line of linesOf("the password was changed; a token: none", fields)) {
      assert.doesNotMatch(line, /redacted/);
      assert.match(line, /the password was changed; a token: none/);
      assert.match(line, /authn_token_created:7/);
    }
  });
});
