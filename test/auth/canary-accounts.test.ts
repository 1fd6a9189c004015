/**
 * The same as `canary.test.ts` for what accounts add: links in mails, second factors, tokens in cookies, the keys of a key file. What opens
 * an account stands in its mail or in its answer, and in no line of a log and no event.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, it } from "node:test";
import { codeOf, stepAt } from "../../src/auth/second-factor/totp.ts";
import { createProject } from "../cli/project.ts";
import { clientOf } from "../http-client.ts";
import { fromBase32 } from "./second-factor/base32.ts";

const source = `
import { defineApp } from "drf-auth";

export default defineApp({
  resources: {},
  accounts: { site: "https://shop.example.com" },
  secondFactor: true,
  onAuthEvent: (event) => console.log("hook", JSON.stringify(event)),
});
`;

it("links, second factors, cookies and signing keys are in no line of a log and in no event", async () => {
  const project = await createProject(source);
  after(() => project.remove());
  const environment = {
    ...{ LOG_LEVEL: "debug", ACCESS_LOG: "json", ACCESS_LOG_QUERY: "false", TOKEN_COOKIES: "true" },
    ...{ EMAIL_BACKEND: "file", EMAIL_FILE_PATH: project.path("mails"), JWT_KEYS_FILE: project.path("keys.json") },
    ...{ WEB_CONCURRENCY: "1", SECRET_KEY: "a secret of tests, thirty-two characters" },
  };
  const finished = [
    await project.run(["keys", "generate", "--alg", "ES256"], { environment }),
    await project.run(["migrate"], { environment }),
  ];
  const running = project.start(["serve"], environment);
  const [base] = await running.says(/http:\/\/127\.0\.0\.1:\d+/);
  const client = clientOf(base);
  const marks = new Set<string>(["a secret of tests"]);
  const remember = (...secrets: readonly (string | undefined)[]): void => {
    for (const secret of secrets) if (secret !== undefined && secret.length > 7) marks.add(secret);
  };
  for (const { d } of JSON.parse(readFileSync(project.path("keys.json"), "utf8")).keys) remember(d);
  const post = async (path: string, json: unknown, headers: Record<string, string> = {}) => {
    for (const [name, value] of Object.entries(json ?? {}))
      if (/password|token|challenge/.test(name) && typeof value === "string") remember(value);
    return client("POST", path, { json, headers });
  };
  /** The link of the mail with a subject, once it is there. */
  const linkOf = async (subject: RegExp) => {
    const folder = project.path("mails");
    for (;;) {
      const mails = readdirSync(project.directory).includes("mails") ? readdirSync(folder) : [];
      const texts = mails.map((name) => readFileSync(`${folder}/${name}`, "utf8"));
      const [, uid = "", token = ""] =
        texts.flatMap((text) => (subject.test(text) ? [/\/#\/[a-z-]+\/([\w-]+)\/([\w-]+)/.exec(text)] : []))[0] ?? [];
      if (token !== "") return { uid, token };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const username = "alice";
  const email = "alice@example.com";
  const password = "canary-first-horse";

  // Accounts
  assert.equal((await post("/auth/users/", { username, email, password: "short" })).status, 400);
  assert.equal((await post("/auth/users/", { username, email, password })).status, 201);
  const activation = await linkOf(/Activate/);
  await post("/auth/users/activation/", { ...activation, token: `${activation.token}0` });
  assert.equal((await post("/auth/users/activation/", activation)).status, 204);
  assert.equal((await post("/auth/users/activation/", activation)).status, 403);
  await post("/auth/users/reset_password/", { email });
  const reset = { ...(await linkOf(/Choose|password/)), new_password: "canary-second-horse" };
  assert.equal((await post("/auth/users/reset_password_confirm/", reset)).status, 204);
  assert.equal((await post("/auth/users/reset_password_confirm/", reset)).status, 400);
  const pair = (await post("/api/token/", { username, password: reset.new_password })).json;
  remember(...pair.access.split(".").slice(1), ...pair.refresh.split(".").slice(1));
  const bearer = { authorization: `Bearer ${pair.access}` };
  const change = { current_password: reset.new_password, new_password: "canary-third-horse" };
  await post("/auth/users/set_password/", { ...change, current_password: "canary-wrong-horse" }, bearer);
  assert.equal((await post("/auth/users/set_password/", change, bearer)).status, 204);

  // A second factor: three codes, each of a later step
  const now = { password: change.new_password };
  const setup = (await post("/api/second-factor/setup/", now, bearer)).json;
  remember(setup.secret, setup.uri.split("secret=")[1]?.split("&")[0]);
  const secret = fromBase32(setup.secret);
  const first = stepAt(Date.now()) - 1;
  await post("/api/second-factor/confirm/", { code: "000000" }, bearer);
  const confirmed = await post("/api/second-factor/confirm/", { code: codeOf(secret, first) }, bearer);
  assert.equal(confirmed.status, 200);
  remember(...confirmed.json.recovery_codes);
  const { challenge } = (await post("/api/token/", { username, ...now })).json;
  remember(...challenge.split(":"));
  await post("/api/token/second-factor/", { challenge, code: "000000" });
  const answered = await post("/api/token/second-factor/", { challenge, code: codeOf(secret, first + 1) });
  assert.equal(answered.status, 200);

  // Tokens in cookies, entered with a recovery code
  const csrf = await client("GET", "/api/token/cookie/csrf/");
  const cookie = csrf.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const proof = { cookie, "x-csrftoken": csrf.json.csrf_token };
  const again = (await post("/api/token/cookie/", { username, ...now }, proof)).json.challenge;
  const code = confirmed.json.recovery_codes[0];
  const entered = await post("/api/token/cookie/second-factor/", { challenge: again, code }, proof);
  assert.equal(entered.status, 200);
  const cookies = entered.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  for (const each of cookies) remember(...(each.split("=")[1] ?? "").split(".").slice(1));
  await post("/api/token/cookie/refresh/", {}, { ...proof, cookie: cookies.join("; ") });

  finished.push(await running.stop(), await project.run(["keys", "rotate"], { environment }));
  for (const { d } of JSON.parse(readFileSync(project.path("keys.json"), "utf8")).keys) remember(d);
  const said = finished.map(({ out, err }) => out + err).join("\n");
  assert.ok(marks.size > 25, String(marks.size));
  for (const mark of marks) {
    const at = said.indexOf(mark);
    assert.equal(at, -1, `${mark}: ${said.slice(Math.max(0, at - 300), at + 300)}`);
  }
  // It would have been seen: there is a line of each kind.
  for (const event of ["user_created:1", "user_updated:1,activated", "authn_password_change:1,reset"])
    assert.ok(said.includes(event), event);
  for (const event of ["authn_password_change_fail:1", "user_updated:1,second_factor,on", "authn_login_fail:1,code"])
    assert.ok(said.includes(event), event);
  assert.match(said, /"path":"\/auth\/users\/reset_password_confirm\/","status":400/);
});
