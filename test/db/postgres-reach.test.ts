/**
 * A real server, reached in the ways of libpq: TLS as `sslmode` says, passwords from a file, variables, sockets, several hosts.
 *
 * The certificates in `tls/` were made once, for a hundred years: that of the server is for `localhost` and for no address, that of the
 * client for the user `certified`; `authority.crt` signed both, `other.crt` neither.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { connect, defineStatement } from "../../src/db/index.ts";
import { databases } from "../databases.ts";
import { type PostgresServer, startPostgres } from "../postgres.ts";

const folder = new URL("tls/", import.meta.url);
const isEncrypted = defineStatement("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", true);

let server: PostgresServer;
let port: string;
let own: string;
/** A second server: that of all tests, as they start it themselves. */
let shared: string;

const isOurs = (): boolean => /^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/.test(shared);
const notOurs = "TEST_POSTGRES_URL names a server that may have TLS, and other users";

describe("PostgreSQL is reached", () => {
  before(async () => {
    shared = (await databases.find(({ name }) => name === "PostgreSQL")?.url()) ?? assert.fail();
    const read = (name: string) => readFile(new URL(name, folder), "utf8");
    server = await startPostgres({
      settings: { ssl: "on", ssl_ca_file: "authority.crt", unix_socket_directories: "." },
      files: {
        ...{ "server.crt": await read("server.crt"), "server.key": await read("server.key") },
        "authority.crt": await read("authority.crt"),
        "pg_hba.conf": [
          "hostssl all encrypted all scram-sha-256",
          "hostssl all certified all cert",
          "hostnossl all plain all scram-sha-256",
          "hostssl all clear all password",
          "host all odd all scram-sha-256",
          "local all plain scram-sha-256",
          "host all postgres all trust",
        ].join("\n"),
      },
    });
    ({ port } = new URL(server.url));
    const database = await connect(server.url);
    await database.script(
      ["encrypted", "certified", "plain", "clear"]
        .map((user) => `CREATE ROLE ${user} LOGIN PASSWORD 'hunter2'`)
        .join(";"),
    );
    await database.script("CREATE ROLE odd LOGIN PASSWORD 'a:b\\c'");
    await database.close();
    own = await mkdtemp(join(tmpdir(), "drf-auth-tls-"));
    for (const name of ["client.key", "client.crt"]) await copyFile(new URL(name, folder), join(own, name));
    await chmod(join(own, "client.key"), 0o600);
  });
  after(async () => {
    await server.stop();
    await rm(own, { recursive: true });
  });

  describe("with TLS, where", () => {
    const file = (name: string) => encodeURIComponent(new URL(name, folder).pathname);
    /** Whether the connection is encrypted. */
    const reach = async (query: string, { user = "postgres", host = "localhost" } = {}): Promise<unknown> => {
      const url = `postgres://${user}:hunter2@${host}:${port}/postgres?${query}`;
      const database = await connect(url, { environment: { HOME: own } });
      try {
        return (await database.get(isEncrypted))?.[0];
      } finally {
        await database.close();
      }
    };
    const unreached = (query: string, message: RegExp, where?: Parameters<typeof reach>[1]) =>
      assert.rejects(reach(query, where), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hunter2/);
        return error.name === "DatabaseUnavailable" || error.name === "ConfigurationError";
      });

    it("disable is none, require is some, and prefer, which is the default, is as much as can be", async () => {
      assert.equal(await reach("sslmode=disable"), false);
      assert.equal(await reach("sslmode=require"), true);
      assert.equal(await reach("sslmode=prefer"), true);
      assert.equal(await reach(""), true);
      assert.equal(await reach("sslmode=allow"), false);
      assert.equal(await reach("", { user: "plain" }), false);
      assert.equal(await reach("sslmode=allow", { user: "encrypted" }), true);
      await unreached("sslmode=disable", /no encryption/, { user: "encrypted" });
      await unreached("sslmode=require", /SSL encryption/, { user: "plain" });
    });

    it("a server without TLS is refused by require and taken by prefer", async (test) => {
      if (!isOurs()) return test.skip(notOurs);
      const plain = new URL(shared);
      const at = async (mode: string) => {
        plain.searchParams.set("sslmode", mode);
        const database = await connect(plain.href);
        await Promise.resolve(database.get(defineStatement("SELECT 1", true))).finally(() => database.close());
      };
      await at("prefer");
      await assert.rejects(at("require"), { name: "DatabaseUnavailable", message: /does not support SSL/ });
    });

    it("require does not ask whose certificate it is, unless it is given an authority", async () => {
      assert.equal(await reach("sslmode=require", { host: "127.0.0.1" }), true);
      assert.equal(await reach(`sslmode=require&sslrootcert=${file("authority.crt")}`, { host: "127.0.0.1" }), true);
      await unreached(`sslmode=require&sslrootcert=${file("other.crt")}`, /certificate/);
    });

    it("verify-ca asks for the authority, verify-full for the name as well", async () => {
      const full = `sslmode=verify-full&sslrootcert=${file("authority.crt")}`;
      const authority = `sslmode=verify-ca&sslrootcert=${file("authority.crt")}`;
      assert.equal(await reach(authority), true);
      assert.equal(await reach(authority, { host: "127.0.0.1" }), true);
      assert.equal(await reach(full), true);
      await unreached(full, /127\.0\.0\.1/, { host: "127.0.0.1" });
      await unreached(`sslmode=verify-ca&sslrootcert=${file("other.crt")}`, /certificate/);
      await unreached(`sslmode=verify-full&sslrootcert=${file("other.crt")}`, /certificate/);
      await unreached("sslmode=verify-full", /certificate/);
      await unreached("sslmode=verify-ca", /sslmode: verify-ca needs the certificate of an authority/);
      await unreached(
        "sslmode=verify-ca&sslrootcert=/nowhere.crt",
        /sslrootcert: the file \/nowhere\.crt cannot be read/,
      );
    });

    it("a certificate of the client takes the place of a password, and its key must be nobody else's", async () => {
      const certificate = `sslmode=require&sslcert=${encodeURIComponent(join(own, "client.crt"))}`;
      const key = `&sslkey=${encodeURIComponent(join(own, "client.key"))}`;
      assert.equal(await reach(certificate + key, { user: "certified" }), true);
      await unreached("sslmode=require", /certificate/, { user: "certified" });
      await unreached(certificate, /sslkey: the certificate in sslcert needs its key/);
      await chmod(join(own, "client.key"), 0o644);
      await unreached(certificate + key, /sslkey: .*client\.key is open to other users/);
      await chmod(join(own, "client.key"), 0o600);
    });

    it("channel_binding=require sends no password to a server that does not prove that it is the same", async () => {
      assert.equal(await reach("sslmode=require&channel_binding=require", { user: "encrypted" }), true);
      await unreached("sslmode=require&channel_binding=require", /channel binding/, { user: "clear" });
      await unreached("sslmode=disable&channel_binding=require", /channel binding/, { user: "plain" });
      await unreached("sslmode=require&channel_binding=require", /channel_binding/);
      assert.equal(await reach("sslmode=require&channel_binding=disable", { user: "clear" }), true);
    });

    it("TLS from the first byte on", async () => {
      assert.equal(await reach("sslmode=require&sslnegotiation=direct"), true);
      await unreached("sslnegotiation=direct", /sslnegotiation: direct needs sslmode=require/);
    });
  });

  const whoAmI = defineStatement("SELECT current_user || ' ' || current_setting('application_name')", true);
  const ask = async (url: string, environment: Record<string, string>, statement = whoAmI): Promise<unknown> => {
    const database = await connect(url, { environment: { HOME: own, ...environment } });
    return (async () => (await database.get(statement))?.[0])().finally(() => database.close());
  };

  describe("with a password", () => {
    const written = async (name: string, lines: readonly string[], mode = 0o600): Promise<string> => {
      const path = join(own, name);
      await writeFile(path, lines.join("\n"));
      await chmod(path, mode);
      return path;
    };
    const url = () => `postgres://plain@localhost:${port}/postgres`;

    it("of the file that PGPASSFILE or passfile names, or of .pgpass: the first line that fits", async () => {
      const path = await written("passwords", [
        "# localhost:*:*:plain:not this one",
        `localhost:1:*:plain:nor this`,
        `localhost:${port}:other:plain:nor this`,
        `localhost:${port}:*:plain:hunter2`,
        "*:*:*:*:what comes later does not count",
      ]);
      assert.equal(await ask(url(), { PGPASSFILE: path }), "plain drf-auth");
      assert.equal(
        await ask(`${url()}?passfile=${encodeURIComponent(path)}`, { PGPASSFILE: "/nowhere" }),
        "plain drf-auth",
      );
      await assert.rejects(ask(url(), {}), /expected one in DATABASE_URL, PGPASSWORD or a password file/);
      await written(".pgpass", ["*:*:postgres:plain:hunter2"]);
      assert.equal(await ask(url(), {}), "plain drf-auth");
      await rm(join(own, ".pgpass"));
    });

    it("with a colon and a backslash in it", async () => {
      const path = await written("odd", ["*:*:*:odd:a\\:b\\\\c"]);
      assert.equal(await ask(`postgres://odd@localhost:${port}/postgres`, { PGPASSFILE: path }), "odd drf-auth");
    });

    it("but not of a file that others can read", async () => {
      const path = await written("open", ["*:*:*:*:hunter2"], 0o640);
      const warned = once(process, "warning");
      await assert.rejects(ask(url(), { PGPASSFILE: path }), { name: "DatabaseUnavailable" });
      assert.match(String((await warned)[0]), /password file .*open is open to other users/);
    });

    it("that is wrong, and no message has it", async () => {
      const asked = ask(`postgres://plain:hunter3@localhost:${port}/postgres`, {});
      await assert.rejects(asked, (error) => !inspect(error, { depth: 9 }).includes("hunter3"));
    });
  });

  it("by variables, for what the URL leaves out", async () => {
    const environment = {
      PGHOST: "localhost",
      PGPORT: port,
      PGUSER: "plain",
      PGPASSWORD: "hunter2",
      PGDATABASE: "postgres",
    };
    assert.equal(await ask("postgres://", environment), "plain drf-auth");
    assert.equal(await ask("postgres://?application_name=shop", environment), "plain shop");
    assert.equal(await ask("postgres://", { ...environment, PGAPPNAME: "shop" }), "plain shop");
    const path = defineStatement("SELECT current_setting('search_path') || current_database()", true);
    const options = { ...environment, PGOPTIONS: "-c search_path=shop" };
    assert.equal(await ask("postgres:///template1", options, path), "shoptemplate1");
    await assert.rejects(
      ask("postgres://", { ...environment, PGSSLMODE: "verify" }),
      /sslmode: expected disable, .*got "verify"/,
    );
  });

  it("at a socket of its own machine, in either spelling", async () => {
    const admin = await connect(server.url);
    const [folder] = (await admin.get(defineStatement("SHOW data_directory", true))) ?? [];
    await admin.close();
    const socket = encodeURIComponent(String(folder));
    assert.equal(await ask(`postgres://plain:hunter2@/postgres?host=${socket}&port=${port}`, {}), "plain drf-auth");
    assert.equal(
      await ask(`postgres://plain:hunter2@${socket}:${port}/postgres?sslmode=require`, {}),
      "plain drf-auth",
    );
  });

  describe("at several hosts", () => {
    const portOf = defineStatement("SELECT current_setting('port')", true);

    it("at the first that takes the connection, and one that says nothing costs its time once", async () => {
      let knocks = 0;
      const silent = createServer(() => knocks++).listen(0, "127.0.0.1");
      await once(silent, "listening");
      const address = silent.address();
      assert.ok(address !== null && typeof address === "object");
      const url = `postgres://postgres@127.0.0.1:9,127.0.0.1:${address.port},localhost:${port}/postgres`;
      const database = await connect(url, { connectTimeoutMs: 300, environment: { HOME: own } });
      for (let i = 0; i < 2; i++) {
        assert.deepEqual(await database.get(portOf), [port]);
        assert.equal(await database.run(defineStatement("SELECT 1")), 1);
      }
      assert.equal(knocks, 1);
      await database.close();
      silent.close();
    });

    it("at the one that can be written to, unless another is asked for", async (test) => {
      if (!isOurs()) return test.skip(notOurs);
      const admin = await connect(server.url);
      await admin.run(defineStatement("ALTER SYSTEM SET default_transaction_read_only = on"));
      await admin.run(defineStatement("SELECT pg_reload_conf()"));
      const url = (query: string) =>
        `postgres://postgres@localhost:${port},127.0.0.1:${new URL(shared).port}/postgres?${query}`;
      assert.equal(await ask(url(""), {}, portOf), new URL(shared).port);
      assert.equal(await ask(url("target_session_attrs=read-write"), {}, portOf), new URL(shared).port);
      assert.equal(await ask(url("target_session_attrs=any"), {}, portOf), port);
      assert.equal(await ask(url("target_session_attrs=read-only"), {}, portOf), port);
      assert.equal(await ask(url("target_session_attrs=primary"), {}, portOf), port);
      await assert.rejects(
        ask(url("target_session_attrs=standby"), {}),
        /localhost:\d+ is not standby;.* 127\.0\.0\.1:\d+ is not standby/,
      );
      await admin.close();
    });
  });
});
