import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { describe, it } from "node:test";
import { readAddress } from "../../src/db/postgres-url.ts";

const read = (url: string, environment = {}) => readAddress(url, environment);
const hostsOf = (url: string, environment = {}) =>
  read(url, environment).hosts.map(({ host, port }) => `${host} ${port}`);

describe("A URL of PostgreSQL", () => {
  it("has a user, a password, a host, a port and a database", () => {
    const { hosts, user, password, database } = read("postgres://app:hunter2@db.example:6432/shop");
    assert.deepEqual(
      [hosts, user, password, database],
      [[{ host: "db.example", port: 6432 }], "app", "hunter2", "shop"],
    );
  });

  it("has any character in a password, encoded; an @ is understood as it is", () => {
    const odd = "p@ss:w/o?r#d%é&=";
    assert.equal(read(`postgres://app:${encodeURIComponent(odd)}@db/shop`).password, odd);
    assert.equal(read("postgres://app:p@ss:w@db/shop").password, "p@ss:w");
    assert.equal(read("postgres://app:100%@db/shop").password, "100%");
  });

  it("may leave out everything: the user is that of the machine, and the database has its name", () => {
    const { user, password, database } = read("postgres://db");
    assert.deepEqual([user, password, database], [userInfo().username, undefined, userInfo().username]);
    assert.equal(read("postgres://app@db").database, "app");
    assert.deepEqual(hostsOf("postgres://db"), ["db 5432"]);
  });

  it("has addresses of every kind, and several of them", () => {
    assert.deepEqual(hostsOf("postgres://[::1]:6432/shop"), ["::1 6432"]);
    assert.deepEqual(hostsOf("postgres://app@a:1,[fe80::1],c:3/shop"), ["a 1", "fe80::1 5432", "c 3"]);
    assert.deepEqual(hostsOf("postgres:///shop?host=a,b&port=6432"), ["a 6432", "b 6432"]);
    assert.deepEqual(hostsOf("postgres:///shop?host=a,b&port=1,2"), ["a 1", "b 2"]);
    assert.deepEqual(hostsOf("postgres:///shop?host=/run/postgresql"), ["/run/postgresql 5432"]);
    assert.deepEqual(hostsOf("postgres://%2Frun%2Fpostgresql/shop"), ["/run/postgresql 5432"]);
  });

  it("is stronger than the variables", () => {
    const environment = { PGHOST: "other", PGPORT: "1", PGUSER: "other", PGSSLMODE: "require", PGDATABASE: "other" };
    const { hosts, user, database, parameters } = read("postgres://app@db:2/shop?sslmode=disable", environment);
    assert.deepEqual([hosts, user, database], [[{ host: "db", port: 2 }], "app", "shop"]);
    assert.equal(parameters.sslmode, "disable");
    assert.deepEqual(hostsOf("postgres://db", environment), ["db 1"]);
  });

  for (const [url, message] of Object.entries({
    "postgres://app:hunter2@db/shop?ssl_mode=require":
      /a parameter is not known; expected host, port, .*; did you mean sslmode\?/,
    "postgres://app:hunter2@db/shop?hunter2": /a parameter is not known/,
    "postgres://app:hunter2@db/shop?sslmode=verify": /sslmode: expected disable, allow, .*, got "verify"/,
    "postgres://app:hunter2@db/shop?client_encoding=LATIN1": /client_encoding: expected UTF8/,
    "postgres://app:hun/ter2@db/shop": /DATABASE_URL: expected .*postgres:\/\//,
    "postgres://app:hun#ter2@db/shop": /DATABASE_URL: expected .*postgres:\/\//,
    "postgres://app:hunter2@db:99999/shop": /port is a whole number from 1 to 65535/,
    "postgres://app:hunter2@a,b,c/shop?port=1,2": /one port, or as many as there are hosts/,
    "postgres://app:hunter2@::1/shop": /a host or port in it cannot be read/,
  })) {
    it(`${url.replaceAll("hunter2", "…")} is refused, saying why and without the password`, () => {
      assert.throws(
        () => read(url),
        (error: Error) => {
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /hunter2|ter2|hun/);
          return error.name === "ConfigurationError";
        },
      );
    });
  }
});
