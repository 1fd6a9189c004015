import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPages, loginEndpoints } from "../../src/browsable/index.ts";
import { lifecycle } from "../../src/resource/index.ts";
import { type Answer, alice, answerOf, browserOf, csrfPair, requestOf, type Sent, services } from "./site.ts";

const account = {
  ...{ ...alice, password: "!", last_login: null, last_name: "", first_name: "", email: "" },
  date_joined: "2024-01-01T00:00:00Z",
};

function createLogin(trustedOrigins: readonly string[] = []) {
  const tried: string[][] = [];
  const ended: string[] = [];
  const pages = createPages({
    title: "Shelf",
    asset: (name) => `/static/${name}`,
    root: "/api/",
    browser: browserOf(trustedOrigins),
  });
  const endpoints = loginEndpoints({
    pages,
    signIn: async (_request, _way, username, password) => {
      tried.push([username, password]);
      return username === "alice" && password === " right " ? account : undefined;
    },
    events: { emit: () => undefined, measure: () => [] },
    sessions: {
      start: async (_, previous) => {
        if (previous !== undefined) ended.push(previous);
        return "newsession";
      },
      end: async (key) => void ended.push(key),
      userOf: async () => undefined,
    },
  });
  const ask = async (sent: Sent): Promise<Answer> => {
    const endpoint = endpoints.find(({ path }) => sent.path.startsWith(path));
    if (!endpoint) throw new TypeError(`no page at ${sent.path}`);
    return answerOf(await lifecycle(endpoint, services)(requestOf(sent)));
  };
  return { ask, tried, ended };
}

const login = "/api-auth/login/";
const logout = "/api-auth/logout/";
const headers = { cookie: csrfPair.cookie };
const right = { username: "alice", password: " right ", csrfmiddlewaretoken: csrfPair.token };
const named = (answer: Answer, name: string) => answer.cookies.find((cookie) => cookie.startsWith(`${name}=`));

describe("the login page", () => {
  it("is a form with a CSRF token that nobody keeps a copy of", async () => {
    const answer = await createLogin().ask({ path: `${login}?next=/api/books/` });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.match(String(answer.headers["content-security-policy"]), /frame-ancestors 'none'/);
    assert.match(answer.body, /name="csrfmiddlewaretoken" value="[a-zA-Z0-9]{64}"/);
    assert.match(answer.body, /name="next" value="\/api\/books\/"/);
    assert.match(named(answer, "csrftoken") ?? "", /Max-Age=31449600; Path=\/; SameSite=Lax$/);
  });

  it("escapes where it leads and who was named", async () => {
    const { ask } = createLogin();
    assert.doesNotMatch((await ask({ path: `${login}?next="><script>` })).body, /<script>/);
    const failed = await ask({
      method: "POST",
      path: login,
      headers,
      form: { ...right, username: '"><script>', password: "x" },
    });
    assert.doesNotMatch(failed.body, /<script>/);
  });
});

describe("logging in", () => {
  it("leads on with a new session and a new CSRF secret, and ends the old session", async () => {
    const { ask, ended } = createLogin();
    const answer = await ask({
      method: "POST",
      path: login,
      headers: { cookie: `${csrfPair.cookie}; sessionid=old` },
      form: right,
    });
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.location, "/api/");
    assert.equal(answer.body, "");
    assert.match(
      named(answer, "sessionid") ?? "",
      /^sessionid=newsession; expires=[^;]+; HttpOnly; Max-Age=1209600; Path=\/; SameSite=Lax$/,
    );
    assert.doesNotMatch(named(answer, "csrftoken") ?? "", new RegExp(csrfPair.token));
    assert.deepEqual(ended, ["old"]);
  });

  it("leads where the form or the address says, if that is here", async () => {
    const { ask } = createLogin();
    const to = async (path: string, form: Record<string, string>) =>
      (await ask({ method: "POST", path, headers, form })).headers.location;
    assert.equal(await to(login, { ...right, next: "/api/books/" }), "/api/books/");
    assert.equal(await to(`${login}?next=/api/tags/`, right), "/api/tags/");
    assert.equal(await to(login, { ...right, next: "https://evil.test/" }), "/api/");
    assert.equal(await to(login, { ...right, next: "//evil.test/" }), "/api/");
  });

  it("shows the form again where the name or the password is wrong, without the password", async () => {
    const answer = await createLogin().ask({
      method: "POST",
      path: login,
      headers,
      form: { ...right, password: "secret-guess" },
    });
    assert.equal(answer.status, 200);
    assert.match(answer.body, /role="alert"/);
    assert.match(answer.body, /name="username" value="alice"/);
    assert.doesNotMatch(answer.body, /secret-guess/);
    assert.equal(named(answer, "sessionid"), undefined);
  });

  it("does not ask the database about what can be no name", async () => {
    const { ask, tried } = createLogin();
    for (const username of ["", "a\0b", "x".repeat(151)]) {
      assert.equal((await ask({ method: "POST", path: login, headers, form: { ...right, username } })).status, 200);
    }
    assert.deepEqual(tried, []);
  });

  it("is refused without the cookie, with another token, and from another site", async () => {
    const { ask, tried } = createLogin();
    const refused = [
      await ask({ method: "POST", path: login, form: right }),
      await ask({ method: "POST", path: login, headers, form: { ...right, csrfmiddlewaretoken: "x" } }),
      await ask({ method: "POST", path: login, headers: { ...headers, origin: "https://evil.test" }, form: right }),
    ];
    for (const answer of refused) {
      assert.equal(answer.status, 403);
      assert.equal(answer.headers["content-type"], "text/html");
      assert.equal(named(answer, "sessionid"), undefined);
    }
    assert.deepEqual(tried, []);
  });

  it("is possible from a trusted origin", async () => {
    const { ask } = createLogin(["https://shop.test"]);
    assert.equal(
      (await ask({ method: "POST", path: login, headers: { ...headers, origin: "https://shop.test" }, form: right }))
        .status,
      302,
    );
  });
});

describe("logging out", () => {
  const cookie = `${csrfPair.cookie}; sessionid=mine`;

  it("ends the session and leads to the login page", async () => {
    for (const method of ["GET", "POST"]) {
      const { ask, ended } = createLogin();
      const form = method === "POST" ? { csrfmiddlewaretoken: csrfPair.token } : undefined;
      const answer = await ask({ method, path: logout, headers: { cookie }, form });
      assert.equal(answer.status, 302);
      assert.equal(answer.headers.location, login);
      assert.match(
        named(answer, "sessionid") ?? "",
        /^sessionid="?"?; expires=Thu, 01 Jan 1970.*Max-Age=0; Path=\/; SameSite=Lax$/,
      );
      assert.deepEqual(ended, ["mine"]);
    }
  });

  it("leads to the login page also who was not signed in", async () => {
    const answer = await createLogin().ask({ path: logout });
    assert.equal(answer.status, 302);
    assert.deepEqual(answer.cookies, []);
  });

  it("is only asked about where another site links to it, or a sibling subdomain", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const { ask, ended } = createLogin();
      const answer = await ask({ path: logout, headers: { cookie, "sec-fetch-site": site } });
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<form method="post" action="\/api-auth\/logout\/">/);
      assert.deepEqual(ended, []);
    }
  });

  it("is done at once from a page of ours, from the address bar, and for a browser that does not say", async () => {
    for (const site of ["same-origin", "none", undefined]) {
      const { ask, ended } = createLogin();
      const headers = { cookie, ...(site !== undefined && { "sec-fetch-site": site }) };
      assert.equal((await ask({ path: logout, headers })).status, 302);
      assert.deepEqual(ended, ["mine"]);
    }
  });

  it("by POST is refused without the token", async () => {
    const { ask, ended } = createLogin();
    assert.equal((await ask({ method: "POST", path: logout, headers: { cookie }, form: {} })).status, 403);
    assert.deepEqual(ended, []);
  });
});
