import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { type AccountsOptions, defineApp } from "../../../src/index.ts";
import { startTestApp } from "../../app.ts";
import { createProject } from "../../cli/project.ts";
import { databases } from "../../databases.ts";
import { linkIn, site, startAccounts } from "./accounts.ts";

const email = "alice@example.com";

for (const { name, create } of databases) {
  describe(`accounts, ${name}`, () => {
    it("have no routes unless an app declares them", async () => {
      const { endpoints, stop } = await startTestApp(defineApp({ resources: {} }), await create());
      assert.deepEqual(
        endpoints.map(({ path }) => path).filter((path) => path.includes("users")),
        [],
      );
      await stop();
    });

    it("have no routes of the parts that are off", async () => {
      const { endpoints, stop } = await startAccounts(await create(), { registration: false, path: "/people/" });
      const paths = endpoints.map(({ path }) => path).filter((path) => path.startsWith("/people/"));
      assert.ok(paths.includes("/people/me/"));
      assert.deepEqual(
        paths.filter((path) => /^\/people\/$|activation/.test(path)),
        [],
      );
      await stop();
    });

    it("say what an app wants them to say, with links to where it wants them", async () => {
      const { post, mails, user, stop } = await startAccounts(await create(), {
        mails: {
          resetPassword: ({ title, username, link }) => ({ subject: `${title}!`, text: `${username}: ${link}` }),
        },
        links: { resetPassword: "/new-password?who={uid}&proof={token}" },
      });
      await user("alice", { email });
      await post("reset_password/", { email });
      const [mail] = mails();
      assert.equal(mail?.subject, "Shop!");
      assert.match(mail?.text ?? "", /^alice: https:\/\/shop\.example\.com\/new-password\?who=MQ&proof=[\w-]+$/);
      await stop();
    });

    it("never put the host of a request into a link", async () => {
      const { client, mails, user, settled, stop } = await startAccounts(await create());
      await user("alice", { email });
      const headers = { "x-forwarded-host": "evil.example.com", origin: "https://evil.example.com" };
      await client("POST", "/auth/users/reset_password/", { json: { email }, headers });
      await settled();
      assert.doesNotMatch(JSON.stringify(mails()), /evil/);
      await stop();
    });

    it("answer the same where the mail server is away, and log it without the link", async () => {
      const { post, user, stop, faults } = await startAccounts(
        await create(),
        {},
        { app: { mail: undefined }, settings: { emailHost: "127.0.0.1", emailPort: 1 } },
      );
      await user("alice", { email });
      for (const asked of [email, "nobody@example.com"]) {
        const { status, text } = await post("reset_password/", { email: asked });
        assert.deepEqual([status, text], [204, ""]);
      }
      assert.equal(faults.length, 1);
      assert.match(String(faults[0]), /ECONNREFUSED/);
      assert.doesNotMatch(String(faults[0]), /alice|#/);
      await stop();
    });

    it("refuse everybody alike where too many mails wait", async () => {
      const gate = Promise.withResolvers<void>();
      const { client, user, stop } = await startAccounts(
        await create(),
        {},
        { app: { mail: { send: () => gate.promise } }, settings: { emailQueueSize: 1 } },
      );
      await user("alice", { email });
      const ask = async (asked: string) => {
        const { status } = await client("POST", "/auth/users/reset_password/", { json: { email: asked } });
        return status;
      };
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) statuses.push(await ask(email));
      assert.equal(statuses.at(-1), 503);
      assert.deepEqual([await ask(email), await ask("nobody@example.com")], [503, 503]);
      gate.resolve();
      await stop();
    });

    it("are limited in how often somebody may ask", async () => {
      const { post, stop } = await startAccounts(
        await create(),
        {},
        { app: { throttle: { account_confirm: "2/min" } } },
      );
      const body = { uid: "MQ", token: "guess", new_password: "another horse" };
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await post("reset_password_confirm/", body)).status);
      assert.deepEqual(statuses, [400, 400, 429]);
      await stop();
    });

    it("have pages like every other route", async () => {
      const { client, user, stop } = await startAccounts(await create());
      const { bearer } = await user("alice", { email });
      const page = await client("GET", "/auth/users/me/", { headers: { ...bearer, accept: "text/html" } });
      assert.equal(page.status, 200);
      assert.match(page.text, /alice@example\.com/);
      assert.equal((await client("GET", "/auth/users/", { headers: { accept: "text/html" } })).status, 405);
      await stop();
    });
  });

  it(`a login by session is noted in last_login, which ends links of before, ${name}`, async () => {
    const { post, mails, client, user, users, clock, stop } = await startAccounts(await create());
    const alice = await user("alice", { email });
    assert.equal((await users.byId(alice.id))?.last_login, null);
    await post("reset_password/", { email });
    const link = linkIn(mails()[0]);
    clock.now += 1000;
    const shown = await client("GET", "/api-auth/login/", { headers: { accept: "text/html" } });
    const csrf = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(shown.text)?.[1] ?? "";
    const cookie = shown.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const body = new URLSearchParams({
      username: "alice",
      password: "alice-pass",
      csrfmiddlewaretoken: csrf,
    }).toString();
    const headers = { accept: "text/html", "content-type": "application/x-www-form-urlencoded", cookie };
    assert.equal((await client("POST", "/api-auth/login/", { body, headers })).status, 302);
    assert.equal((await users.byId(alice.id))?.last_login, "2024-06-01T12:00:01Z");
    assert.equal((await post("reset_password_confirm/", { ...link, new_password: "another horse" })).status, 400);
    await stop();
  });
}

describe("a declaration of accounts", () => {
  for (const [what, wrong, message] of [
    ["no site", { site: "" }, /app, accounts, site: expected an address/],
    ["a site without TLS", { site: "http://shop.example.com" }, /app, accounts, site/],
    ["a link without a token", { links: { activation: "/a/{uid}" } }, /app, accounts, links, activation: .*\{token\}/],
    ["a link that there is not", { links: { activate: "/" } }, /there is no link "activate".*activation/],
    [
      "a mail that there is not",
      { mails: { welcome: () => ({ subject: "", text: "" }) } },
      /there is no mail "welcome"/,
    ],
    ["a field of rights", { fields: ["is_staff"] }, /expected first_name or last_name, got "is_staff"/],
    ["an option that there is not", { sites: site }, /there is no option "sites".*site/],
    ["a path that is none", { path: "users" }, /expected a path such as/],
  ] as const) {
    it(`with ${what} is refused at the start`, () => {
      const accounts = Object.assign({ site }, wrong) as unknown as AccountsOptions;
      assert.throws(() => defineApp({ resources: {}, accounts }), message);
    });
  }
});

it("a server that is stopped sends the mails that wait", async () => {
  const project = await createProject(`
import { mkdir, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { defineApp } from "drf-auth";
export default defineApp({
  resources: {},
  accounts: { site: "https://shop.example.com" },
  mail: {
    // Slower than the server would be to stop without it.
    async send({ to, text }) {
      await setTimeout(500);
      await mkdir("mails", { recursive: true });
      await writeFile(\`mails/\${Math.random()}.txt\`, \`To: \${to} \${text}\`);
    },
  },
});
`);
  try {
    await project.run(["migrate"]);
    await project.run(["createuser", "alice", "--email", email], { input: "correct horse" });
    const mails = project.path("mails");
    const running = project.start(["serve"], { KEEP_ALIVE: "0" });
    const [base = ""] = await running.says(/http:\/\/127\.0\.0\.1:\d+/);
    const answers = Array.from({ length: 3 }, () =>
      fetch(`${base}/auth/users/reset_password/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email }),
      }),
    );
    assert.deepEqual(
      (await Promise.all(answers)).map(({ status }) => status),
      [204, 204, 204],
    );
    assert.equal((await running.stop()).code, 0);
    const [file = "", ...others] = await readdir(mails);
    assert.equal(others.length, 2);
    assert.match(await readFile(`${mails}/${file}`, "utf8"), /To: alice@example\.com[\s\S]*#\/reset-password\//);
  } finally {
    await project.remove();
  }
});
