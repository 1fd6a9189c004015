/** Ways of being known that an app brings along: who tells whether a password is right, and credentials of its own. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalNameOf, openLockouts, User } from "../../src/auth/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import {
  type AppOptions,
  AuthenticationFailed,
  type Authenticator,
  defineApp,
  endpoint,
  field,
  model,
  type PasswordBackend,
  type PasswordBackends,
  PermissionDenied,
  permission,
  ServiceUnavailable,
} from "../../src/index.ts";
import { secretKey, startTestApp } from "../app.ts";
import { openBrowser } from "../browsable/browser.ts";
import { databases, type TestDatabase } from "../databases.ts";

const me = endpoint({
  permissions: [permission.authenticated()],
  methods: { GET: { run: ({ user }) => ({ name: user?.username }) }, POST: { run: () => ({}) } },
});

/** A directory of people outside, as LDAP is one: who knows it is asked through `lookUp`. */
const people = new Map([
  ["carol", "in the directory"],
  ["alice", "in the directory, too"],
]);
const asked: string[] = [];
const lookUp = async (name: string, password: string) => {
  asked.push(name);
  return people.get(name) === password ? { uid: name, mail: `${name}@example.com` } : undefined;
};
const directory: PasswordBackend = {
  name: "ldap",
  async authenticate({ username, password, ensureUser }) {
    const person = await lookUp(username, password);
    return person && ensureUser({ username: person.uid, email: person.mail });
  },
};

async function start(test: TestDatabase, options: Partial<AppOptions>) {
  const started = await startTestApp(defineApp({ resources: {}, endpoints: { me }, ...options }), test);
  const { client } = started;
  asked.length = 0;
  /** The status at each door: tokens, Basic, and whether the login page lets in. */
  const doors = async (username: string, password: string) => {
    const token = await client("POST", "/api/token/", { json: { username, password } });
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const known = await client("GET", "/api/v1/me/", { headers: { authorization: `Basic ${basic}` } });
    const browser = openBrowser(client.base);
    await browser.press(await browser.visit("/api-auth/login/"), "Log in", { username, password });
    return [token.status, known.status, browser.cookies.has("sessionid")];
  };
  return { ...started, doors };
}
const letIn = [200, 200, true];
const refused = [401, 401, false];

for (const { name, create } of databases) {
  describe(`a backend for passwords, ${name}`, () => {
    const startWith = async (backends?: PasswordBackends) => start(await create(), { backends });

    it("lets in at every door whom it knows, and makes the account", async () => {
      const { doors, users, stop, faults } = await startWith(["model", directory]);
      assert.equal(await users.byUsername("carol"), undefined);
      assert.deepEqual(await doors("carol", "wrong"), refused);
      assert.equal(await users.byUsername("carol"), undefined);
      assert.deepEqual(await doors("carol", "in the directory"), letIn);
      const carol = await users.byUsername("carol");
      assert.deepEqual([carol?.email, carol?.is_staff, carol?.password[0]], ["carol@example.com", false, "!"]);
      assert.deepEqual(faults, []);
      await stop();
    });

    it("is not asked where the table of accounts knows the password, and is where it does not", async () => {
      const { doors, user, stop } = await startWith(["model", directory]);
      await user("alice");
      assert.deepEqual(await doors("alice", "alice-pass"), letIn);
      assert.deepEqual(asked, []);
      assert.deepEqual(await doors("alice", "in the directory, too"), letIn);
      assert.deepEqual(asked, ["alice", "alice", "alice"]);
      await stop();
    });

    it("is asked first where it stands first, and alone where it stands alone", async () => {
      const first = await startWith([directory, "model"]);
      await first.user("bob");
      assert.deepEqual(asked, ["bob"]);
      await first.stop();
      const alone = await startWith([directory]);
      await alone.users.create({ username: "bob", password: "bob-pass" });
      assert.deepEqual(await alone.doors("bob", "bob-pass"), refused);
      assert.deepEqual(await alone.doors("carol", "in the directory"), letIn);
      await alone.stop();
    });

    it("lets nobody in whose account is switched off", async () => {
      const { doors, users, stop } = await startWith(["model", directory]);
      await users.create({ username: "carol", password: "her own", is_active: false });
      assert.deepEqual(await doors("carol", "in the directory"), refused);
      assert.deepEqual(await doors("carol", "her own"), refused);
      await stop();
    });

    it("makes one account where somebody signs in twice at once for the first time", async () => {
      const { client, users, stop, faults } = await startWith(["model", directory]);
      const json = { username: "carol", password: "in the directory" };
      const answers = await Promise.all(Array.from({ length: 6 }, () => client("POST", "/api/token/", { json })));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200, 200, 200],
      );
      assert.equal((await users.idsByEmail("carol@example.com")).length, 1);
      assert.deepEqual(faults, []);
      await stop();
    });

    it("that minds no case is asked as often for all spellings of a name as for one", async (t) => {
      const folding: PasswordBackend = {
        name: "folding",
        authenticate: ({ username, ...attempt }) =>
          directory.authenticate({ username: username.toLowerCase(), ...attempt }),
        canonicalName: (username) => username.toLowerCase(),
      };
      const backends: PasswordBackends = ["model", folding];
      const { client, database, stop } = await startWith(backends);
      t.after(stop);
      const obtain = async (username: string, password = "wrong") =>
        (await client("POST", "/api/token/", { json: { username, password } })).status;
      const statuses: number[] = [];
      for (const name of ["carol", "Carol", "CAROL", "ｃａｒｏｌ", "cArol", "carOl"]) statuses.push(await obtain(name));
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
      assert.equal(await obtain("CaRoL", "in the directory"), 429);
      const canonicalName = canonicalNameOf(backends);
      const locks = await openLockouts({ database, secretKey, canonicalName, now: Date.now });
      assert.ok((await locks.unlock("cAROl")) > 0);
      assert.equal(await obtain("CaRoL", "in the directory"), 200);
    });

    it("is never asked about an empty password", async () => {
      const { doors, stop } = await startWith([directory]);
      await doors("carol", "");
      assert.deepEqual(asked, []);
      await stop();
    });

    it("ends the asking where it refuses, and its failure is not taken for a wrong password", async () => {
      const refusing: PasswordBackend = {
        name: "closed",
        async authenticate({ username, table }) {
          if (username === "down") throw new ServiceUnavailable();
          // Rows of any model are there to be asked.
          if ((await table(User).count()) > 0) throw new PermissionDenied();
          return undefined;
        },
      };
      const { doors, users, client, stop } = await startWith([refusing, "model"]);
      await users.create({ username: "bob", password: "bob-pass" });
      assert.deepEqual(await doors("bob", "bob-pass"), refused);
      const json = { username: "down", password: "x" };
      assert.equal((await client("POST", "/api/token/", { json })).status, 503);
      await stop();
    });
  });

  describe(`an authenticator of an app's own, ${name}`, () => {
    const ApiKey = model("keys.apikey", { fields: { text: field.text({ maxLength: 40 }), owner: field.owner() } });
    const apiKey: Authenticator = {
      name: "api-key",
      challenge: 'ApiKey realm="api"',
      varies: "X-Api-Key",
      authenticate: async ({ request, table }) => {
        const text = request.headers["x-api-key"];
        if (typeof text !== "string") return undefined;
        const [key] = await table(ApiKey).list({ where: { path: "text", value: text } });
        const user = key && (await table(User).find(key.owner));
        if (!user?.is_active) throw new AuthenticationFailed("This key is not known.");
        return { user };
      },
    };

    it("knows by a header, and those of the settings are asked where it is not there", async () => {
      const { client, user, insert, stop } = await start(await create(), {
        ...{ models: [ApiKey], authenticators: [apiKey] },
      });
      const alice = await user("alice");
      await insert(ApiKey, [{ text: "k-1", owner: alice.id }]);
      const ask = (headers: Record<string, string>, method = "GET") => client(method, "/api/v1/me/", { headers });
      assert.deepEqual((await ask({ "x-api-key": "k-1" })).json, { name: "alice" });
      assert.equal((await ask({ "x-api-key": "k-1" }, "POST")).status, 200, "a header needs no CSRF token");
      assert.deepEqual((await ask(alice.bearer)).json, { name: "alice" });
      const unknown = await ask({ "x-api-key": "k-2", ...alice.bearer });
      assert.deepEqual([unknown.status, unknown.json], [401, { detail: "This key is not known." }]);
      const nobody = await ask({});
      assert.deepEqual([nobody.status, nobody.headers.get("www-authenticate")], [401, 'ApiKey realm="api"']);
      assert.match(nobody.headers.get("vary") ?? "", /X-Api-Key/);
      await stop();
    });

    it("is told which option gives its model a table", async () => {
      const { client, faults, stop } = await start(await create(), { authenticators: [apiKey] });
      assert.equal((await client("GET", "/api/v1/me/", { headers: { "x-api-key": "k-1" } })).status, 500);
      assert.deepEqual(faults.splice(0).map(String), [
        'ConfigurationError: model "keys.apikey": has no table; no resource has it, so name it in defineApp({ models })',
      ]);
      await stop();
    });
  });
}

describe("a list of backends that says nothing", () => {
  for (const [what, backends, message] of [
    ["is empty", [], /app, backends.*expected at least one, such as "model"/],
    ["names one twice", [directory, "model", directory], /app, backends.*"ldap" is there twice/],
  ] as const)
    it(`${what}: ends the start`, () => {
      assert.throws(
        () => defineApp({ resources: {}, backends }),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
});
