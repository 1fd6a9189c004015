import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  defineSettings,
  describeSettings,
  describeValue,
  findNearest,
  integer,
  list,
  optional,
  readSettings,
  resolveSettings,
  text,
} from "../../src/config/index.ts";
import { ConfigurationError } from "../../src/errors.ts";

const rows = defineSettings({
  port: {
    name: "PORT",
    default: 8000,
    parse: integer({ min: 0, max: 65_535 }),
    flag: "port",
    description: "TCP port.",
  },
  workers: {
    name: "WEB_CONCURRENCY",
    default: (machine) => machine.cores,
    defaultText: "the number of cores",
    parse: integer({ min: 1 }),
    description: "Workers.",
  },
  secretKey: {
    name: "SECRET_KEY",
    default: undefined,
    parse: optional(text({ minLength: 10 })),
    secret: true,
    description: "Key.",
  },
  hosts: { name: "DRF_AUTH_HOSTS", default: [], parse: list(text()), unit: "names", description: "Hosts." },
});
const machine = { cores: 4, isTerminal: false };

const refusal = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.message;
  }
  return assert.fail("nothing was refused");
};

describe("a setting", () => {
  it("has its default when nothing is said, which may depend on the machine", () => {
    assert.deepEqual(readSettings(rows, { environment: {}, machine }), {
      port: 8000,
      workers: 4,
      secretKey: undefined,
      hosts: [],
    });
  });

  it("comes from the app file, the environment or a flag; the last one wins", () => {
    const port = (sources: { environment?: string; flag?: string; app?: number }) =>
      readSettings(rows, {
        environment: { PORT: sources.environment },
        flags: { port: sources.flag },
        defaults: { port: sources.app },
      }).port;
    assert.equal(port({ app: 1 }), 1);
    assert.equal(port({ app: 1, environment: "2" }), 2);
    assert.equal(port({ app: 1, environment: "2", flag: "3" }), 3);
  });

  it("keeps its type: number, list, text or undefined", () => {
    const values = readSettings(rows, { environment: { DRF_AUTH_HOSTS: "a,b" } });
    const port: number = values.port;
    const hosts: readonly string[] = values.hosts;
    const key: string | undefined = values.secretKey;
    assert.deepEqual([port, hosts, key], [8000, ["a", "b"], undefined]);
  });

  it("cannot be changed once read", () => {
    assert.ok(Object.isFrozen(readSettings(rows, { environment: {} })));
  });

  it("that must be set is missed by name", () => {
    const required = defineSettings({ url: { name: "DATABASE_URL", parse: text(), description: "" } });
    assert.equal(
      refusal(() => readSettings(required, { environment: {} })),
      "DATABASE_URL: must be set; expected a text",
    );
  });

  it("shows where its value came from", () => {
    const sources = resolveSettings(rows, { environment: { PORT: "1" }, defaults: { workers: 2 } }).map(
      ({ source }) => source,
    );
    assert.deepEqual(sources, ["environment", "app file", "default", "default"]);
  });
});

describe("a wrong value", () => {
  it("is refused with the setting, its source, the value and the expected form", () => {
    const expected = "expected a whole number from 0 to 65535";
    assert.equal(
      refusal(() => readSettings(rows, { environment: { PORT: "http" } })),
      `PORT="http" (environment): ${expected}`,
    );
    assert.equal(
      refusal(() => readSettings(rows, { environment: {}, flags: { port: "-1" } })),
      `--port="-1" (flag): ${expected}`,
    );
    assert.equal(
      refusal(() => readSettings(rows, { environment: {}, defaults: { port: 1.5 } })),
      `port=1.5 (app file): ${expected}`,
    );
  });

  it("is refused also when it is empty", () => {
    assert.match(
      refusal(() => readSettings(rows, { environment: { PORT: "" } })),
      /^PORT="" \(environment\)/,
    );
  });

  it("of a secret is never shown", () => {
    const message = refusal(() => readSettings(rows, { environment: { SECRET_KEY: "hunter2" } }));
    assert.equal(message, "SECRET_KEY (environment): expected a text of at least 10 characters");
  });

  it("is reported together with all others", () => {
    const message = refusal(() =>
      readSettings(rows, { environment: { PORT: "x", WEB_CONCURRENCY: "0" }, flags: { prot: "1" } }),
    );
    assert.match(message, /^3 settings are wrong: /);
    for (const part of ["--prot (flag)", 'PORT="x"', 'WEB_CONCURRENCY="0"']) assert.ok(message.includes(part), part);
  });

  it("in the environment cannot break the line it is shown in", () => {
    assert.ok(!refusal(() => readSettings(rows, { environment: { PORT: "1\n2\u001b[2J" } })).includes("\u001b"));
  });
});

describe("an unknown name", () => {
  it("as a flag or in the app file is refused, with the nearest known one", () => {
    assert.equal(
      refusal(() => readSettings(rows, { environment: {}, flags: { prot: "1" } })),
      "--prot (flag): is not a setting; did you mean --port?",
    );
    assert.equal(
      refusal(() => readSettings(rows, { environment: {}, defaults: { worker: 1 } })),
      "worker (app file): is not a setting; did you mean workers?",
    );
  });

  it("that is nearly one with JWT_ is refused: an issuer that nobody checks would be worse than no start", () => {
    const tokens = defineSettings({
      issuer: { name: "JWT_ISSUER", default: "", parse: text(), description: "Issuer." },
    });
    assert.equal(
      refusal(() => readSettings(tokens, { environment: { JWT_ISUER: "us" } })),
      "JWT_ISUER (environment): is not a setting; did you mean JWT_ISSUER?",
    );
    assert.deepEqual(readSettings(tokens, { environment: { JWT_SECRET: "of another program" } }), { issuer: "" });
  });

  it("in the environment is someone else's, unless it starts with DRF_AUTH_", () => {
    assert.equal(readSettings(rows, { environment: { PROT: "1" } }).port, 8000);
    assert.equal(
      refusal(() => readSettings(rows, { environment: { DRF_AUTH_HOST: "a" } })),
      "DRF_AUTH_HOST (environment): is not a setting; did you mean DRF_AUTH_HOSTS?",
    );
    assert.match(
      refusal(() => readSettings(rows, { environment: { DRF_AUTH_PORT: "1" } })),
      /did you mean PORT\?$/,
    );
  });
});

describe("rows", () => {
  it("with one name or flag twice are a mistake", () => {
    const row = { name: "PORT", default: "", parse: text(), description: "" };
    assert.throws(() => defineSettings({ a: row, b: { ...row } }), {
      name: "TypeError",
      message: "two settings are called PORT",
    });
    assert.throws(
      () => defineSettings({ a: { ...row, flag: "p" }, b: { ...row, name: "B", flag: "p" } }),
      /called --p/,
    );
  });

  it("describe themselves for help and documents", () => {
    const [port, workers, key] = describeSettings(rows);
    assert.deepEqual([port?.name, port?.flag, port?.default], ["PORT", "--port", "8000"]);
    assert.equal(workers?.default, "the number of cores");
    assert.equal(key?.default, "(not set)");
    assert.equal(describeValue({ row: rows.secretKey, value: "hunter2hunter2" }), "(hidden)");
  });
});

describe("the nearest name", () => {
  it("forgives a letter too many, too few, swapped or wrong, and case", () => {
    for (const name of ["migrat", "migratee", "mirgate", "migrete", "MIGRATE"]) {
      assert.equal(findNearest(name, ["serve", "migrate"]), "migrate", name);
    }
  });

  it("is none where nothing is near", () => {
    assert.equal(findNearest("xyz", ["serve", "migrate"]), undefined);
    assert.equal(findNearest("", ["serve"]), undefined);
  });
});
