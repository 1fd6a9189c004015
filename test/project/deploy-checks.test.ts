import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runCli } from "../../src/cli/cli.ts";
import { readSettings } from "../../src/config/index.ts";
import { type Deployment, deployChecks, findDeployIssues, projectSettings } from "../../src/project/index.ts";
import { createProject, type Finished, type TestProject } from "../cli/project.ts";

const machine = { cores: 2, isTerminal: false };
/** A deployment with nothing to be said against it. */
const safe = {
  ALLOWED_HOSTS: "shop.example.com",
  SECURE_SSL_REDIRECT: "true",
  SECURE_HSTS_SECONDS: "31536000",
  SECURE_HSTS_INCLUDE_SUBDOMAINS: "true",
  SECRET_KEY: "Zk3vT9qLw1xYb7Rn5cHs8dJf2gMa4pUe",
  DATABASE_URL: "postgres://app@db.example.com/app?sslmode=verify-full",
};
const findingsOf = (environment: Readonly<Record<string, string | undefined>>, more: Partial<Deployment> = {}) =>
  findDeployIssues({
    settings: readSettings(projectSettings, { environment: { ...safe, ...environment }, machine }),
    ...{ file: "/srv/app/app.ts", hasAccounts: true, openWrites: [], userId: 1000, nodeOptions: "", cores: 2 },
    ...more,
  });

describe("what is insecure or costly in production", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "drf-auth-deploy-"));
    await writeFile(join(directory, ".secret-key"), "x");
    await chmod(join(directory, ".secret-key"), 0o644);
  });
  after(() => rm(directory, { recursive: true }));

  it("is nothing where all is well", () => {
    assert.deepEqual(findingsOf({}), []);
  });

  const cases: readonly [
    id: string,
    place: RegExp,
    Readonly<Record<string, string | undefined>>,
    Partial<Deployment>?,
  ][] = [
    ["secret.weak", /^SECRET_KEY$/, { SECRET_KEY: "django-insecure-0123456789abcdefghijklmnop" }],
    ["secret.weak", /^SECRET_KEY$/, { SECRET_KEY: "change-me-change-me-change-me-change-me" }],
    ["secret.weak", /^SECRET_KEY_FALLBACKS\[0\]$/, { SECRET_KEY_FALLBACKS: "abababababababababababababababab" }],
    ["secret.weak", /^JWT_SIGNING_KEY$/, { JWT_SIGNING_KEY: "x".repeat(40) }],
    ["secret.missing", /^SECRET_KEY$/, { SECRET_KEY: undefined }],
    ["debugger", /inspect/, {}, { nodeOptions: "--inspect=0.0.0.0:9229" }],
    ["hosts.any", /^ALLOWED_HOSTS=\*$/, { ALLOWED_HOSTS: "*" }],
    ["hosts.local", /^ALLOWED_HOSTS$/, { ALLOWED_HOSTS: "127.0.0.1,localhost" }],
    ["proxies.any", /^TRUSTED_PROXIES/, { TRUSTED_PROXIES: "*" }],
    ["https.redirect", /^SECURE_SSL_REDIRECT$/, { SECURE_SSL_REDIRECT: "false" }],
    ["https.hsts", /^SECURE_HSTS_SECONDS$/, { SECURE_HSTS_SECONDS: "0" }],
    ["https.subdomains", /^SECURE_HSTS_INCLUDE_SUBDOMAINS$/, { SECURE_HSTS_INCLUDE_SUBDOMAINS: "false" }],
    ["cors.any", /^CORS_ALLOWED_ORIGINS=\*$/, { CORS_ALLOWED_ORIGINS: "*" }],
    ["metrics.any", /^METRICS_ALLOW/, { METRICS_ALLOW: "*" }],
    ["origins.clear", /^CSRF_TRUSTED_ORIGINS$/, { CSRF_TRUSTED_ORIGINS: "http://shop.example.com" }],
    ["tokens.long", /^ACCESS_TOKEN_LIFETIME$/, { ACCESS_TOKEN_LIFETIME: "1d" }],
    ["tokens.refresh", /^REFRESH_TOKEN_LIFETIME$/, { REFRESH_TOKEN_LIFETIME: "365d" }],
    ["tokens.rotation", /^ROTATE_REFRESH_TOKENS$/, { ROTATE_REFRESH_TOKENS: "false" }],
    ["tokens.rotation", /^BLACKLIST_AFTER_ROTATION$/, { BLACKLIST_AFTER_ROTATION: "false" }],
    ["passwords.unlimited", /^LOCKOUT/, { LOCKOUT_ADDRESS_LIMIT: "0" }],
    ["passwords.fast", /^PASSWORD_HASHER$/, { PASSWORD_HASHER: "pbkdf2_sha1" }],
    ["open.writes", /^POST \/api\/v1\/notes\/$/, {}, { openWrites: ["POST /api/v1/notes/"] }],
    ["mail.nowhere", /^EMAIL_BACKEND=console$/, { EMAIL_BACKEND: "console" }],
    ["mail.clear", /^EMAIL_USE_TLS$/, { EMAIL_HOST: "smtp.example.com" }],
    ["database.clear", /^DATABASE_URL$/, { DATABASE_URL: "postgres://app@db.example.com/app" }],
    ["database.connections", /^DATABASE_POOL_SIZE$/, { WEB_CONCURRENCY: "8", DATABASE_POOL_SIZE: "20" }],
    ["workers.many", /^WEB_CONCURRENCY$/, { WEB_CONCURRENCY: "9", DATABASE_POOL_SIZE: "2" }],
    ["timeouts.none", /^WORKER_TIMEOUT=0$/, { WORKER_TIMEOUT: "0" }],
    ["timeouts.none", /^GRACEFUL_TIMEOUT=0$/, { GRACEFUL_TIMEOUT: "0" }],
    ["bodies.large", /^MAX_BODY_BYTES$/, { MAX_BODY_BYTES: "100000000" }],
    ["logs.queries", /^ACCESS_LOG_QUERY$/, { ACCESS_LOG_QUERY: "true" }],
    ["logs.none", /^ACCESS_LOG=off$/, { ACCESS_LOG: "off" }],
    ["logs.none", /^LOG_LEVEL=error$/, { LOG_LEVEL: "error" }],
    ["user.root", /^root$/, {}, { userId: 0 }],
  ];
  for (const [id, place, environment, more] of cases) {
    it(`${id}: ${Object.keys(environment).join() || Object.keys(more ?? {}).join()}, and nothing else`, () => {
      const findings = findingsOf(environment, more);
      assert.deepEqual(
        findings.map((finding) => finding.id),
        [id],
      );
      assert.match(findings[0]?.place ?? "", place);
      assert.ok(findings[0]?.problem && findings[0].remedy);
    });
  }

  it("is a secret that others of the machine can read", () => {
    const environment = { DATABASE_URL: `sqlite:///${directory}/db.sqlite3` };
    assert.deepEqual(
      findingsOf(environment).map(({ place }) => place),
      [join(directory, ".secret-key")],
    );
    const key = { TLS_CERT_FILE: "/etc/tls/cert.pem", TLS_KEY_FILE: join(directory, ".secret-key") };
    assert.deepEqual(
      findingsOf(key).map(({ place }) => place),
      [join(directory, ".secret-key")],
    );
  });

  it("is no plain http where the server itself speaks TLS, and nothing else", () => {
    const findings = findingsOf({
      SECURE_SSL_REDIRECT: "false",
      TLS_CERT_FILE: "/etc/tls/cert.pem",
      TLS_KEY_FILE: "/gone",
    });
    assert.deepEqual(findings, []);
  });

  it("is a database that is not asked for its certificate, at any of its hosts; not one of this machine", () => {
    const isFound = (url: string): boolean =>
      findingsOf({ DATABASE_URL: url }).some(({ id }) => id === "database.clear");
    for (const url of ["app@db/app?sslmode=require", "app@localhost,db/app", "app@db/app?sslmode=prefer"])
      assert.ok(isFound(`postgres://${url}`), url);
    for (const url of [
      "app@db/app?sslmode=require&sslrootcert=/etc/db.pem",
      "app@localhost,127.0.0.1/app",
      "app@/app?host=/run/postgresql",
    ])
      assert.ok(!isFound(`postgres://${url}`), url);
  });

  it("is not the number of connections where a pooler has them", () => {
    const environment = { WEB_CONCURRENCY: "8", DATABASE_POOL_SIZE: "20", DATABASE_POOL_MODE: "transaction" };
    assert.deepEqual(findingsOf(environment), []);
  });

  it("has a case here for each of its checks", () => {
    const tested = new Set([...cases.map(([id]) => id), "secret.readable"]);
    assert.deepEqual(
      deployChecks.map(({ id }) => id).filter((id) => !tested.has(id)),
      [],
    );
  });

  it("never shows the secret itself", () => {
    const secret = "django-insecure-0123456789abcdefghijklmnop";
    assert.ok(!JSON.stringify(findingsOf({ SECRET_KEY: secret })).includes(secret));
  });
});

describe("check", { timeout: 60_000 }, () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
  });
  after(() => project.remove());

  async function check(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCli({
      ...{ argv: ["", "", "check", ...words, "--app", project.path("app.ts")], env },
      ...{ stdout: { write: (text) => out.push(text) }, stderr: { write: (text) => err.push(text) } },
    });
    return { code, out: out.join(""), err: err.join("") };
  }

  it("tells of models without their migration, and fails for it where it is told to be strict", async () => {
    const { code, out, err } = await check([]);
    assert.equal(code, 0);
    assert.match(
      out,
      /^warning models of app: have changes that no migration makes\n {2}"drf-auth makemigrations" writes one/,
    );
    assert.equal(err, "1 warning.\n");
    assert.equal((await check(["--strict"])).code, 1);
  });

  it("--deploy fails for an unsafe secret, and has all as JSON", async () => {
    const { code, out } = await check(["--deploy", "--json"], { SECRET_KEY: "x".repeat(40) });
    assert.equal(code, 1);
    const ids = JSON.parse(out).map(({ id }: { id: string }) => id);
    assert.ok(ids.includes("secret.weak") && ids.includes("hosts.local") && ids.includes("migrations.missing"));
  });

  it("serve refuses an unsafe secret, and says how to make another", async () => {
    const { code, err } = await project.run(["serve"], { environment: { SECRET_KEY: "x".repeat(40) } });
    assert.equal(code, 1);
    assert.match(
      err,
      /^drf-auth: SECRET_KEY: has fewer than 8 different characters, and can be guessed; this prints a new one: node -p/,
    );
  });
});
