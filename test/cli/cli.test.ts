import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCli } from "../../src/cli/cli.ts";
import { type Command, defineCommand } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { serverSettings } from "../../src/server/index.ts";
import { appSource, createProject } from "./project.ts";

const greet = defineCommand({
  name: "greet",
  summary: "Greet someone",
  arguments: ["<name>", "[title]"],
  flags: {
    loud: { type: "boolean", short: "l", description: "Shout." },
    word: { type: "string", value: "WORD", description: "The word." },
  },
  settings: serverSettings,
  examples: ["drf-auth greet alice --word Hi"],
  run({ arguments: [name], flags, settingFlags, print }) {
    print(`${flags.word ?? "Hello"} ${name}${flags.loud ? "!" : ""} ${JSON.stringify(settingFlags)}`);
  },
});
const failing = (error: unknown) =>
  defineCommand({
    name: "fail",
    summary: "Fail",
    flags: {},
    examples: [],
    run() {
      throw error;
    },
  });

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly table?: readonly Command[];
}

async function run(words: readonly string[], { env = {}, isTTY = false, table = [greet] }: Options = {}) {
  let out = "";
  let err = "";
  const stdout = { isTTY, write: (text: string) => (out += text) };
  const stderr = { isTTY, write: (text: string) => (err += text) };
  const code = await runCli({ argv: ["node", "drf-auth", ...words], env, stdout, stderr }, table);
  return { code, out, err };
}

describe("a command", () => {
  it("gets its arguments, its flags, and settings given as flags", async () => {
    assert.deepEqual(await run(["greet", "alice", "--word", "Hi", "-l", "--port=9000"]), {
      code: 0,
      out: 'Hi alice! {"port":"9000"}\n',
      err: "",
    });
  });

  it("that fails for a reason a person can mend says it in one line, exit code 1", async () => {
    const { code, out, err } = await run(["fail"], {
      table: [failing(new ConfigurationError("PORT", "expected a port"))],
    });
    assert.deepEqual([code, out, err], [1, "", "drf-auth: PORT: expected a port\n"]);
  });

  it("that fails otherwise shows the stack, exit code 1", async () => {
    const { code, err } = await run(["fail"], { table: [failing(new TypeError("a mistake"))] });
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: TypeError: a mistake\n +at /);
  });

  it("is done all the same where nobody reads what it prints any more", async () => {
    const child = spawn(process.execPath, ["--conditions=drf-auth-source", main, "--help"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    const [code] = await once(child, "close");
    assert.deepEqual([code, err], [0, ""]);
  });

  it("may choose its exit code", async () => {
    const table = [defineCommand({ name: "check", summary: "Check", flags: {}, examples: [], run: () => 1 })];
    assert.equal((await run(["check"], { table })).code, 1);
  });
});

describe("a wrong command line", () => {
  const cases: readonly [words: readonly string[], says: string][] = [
    [["gret"], "there is no command gret; did you mean greet?"],
    [["--laud"], "expected a command before --laud"],
    [["greet", "alice", "--laud"], "there is no flag --laud; did you mean --loud?"],
    [["greet", "alice", "--constructor"], "there is no flag --constructor"],
    [["greet", "alice", "-x"], "there is no flag -x"],
    [["greet", "alice", "--prot", "1"], "there is no flag --prot; did you mean --port?"],
    [["greet", "alice", "--word"], "--word needs a value, as in --word WORD"],
    [["greet", "alice", "--loud=yes"], "--loud takes no value"],
    [["greet"], "expected <name>"],
    [["greet", "a", "b", "c"], '"c" is one argument too many'],
    [["help", "gret"], "there is no command gret; did you mean greet?"],
  ];
  for (const [words, says] of cases) {
    it(`${words.join(" ")}: exit code 2 and what was meant`, async () => {
      const { code, out, err } = await run(words);
      assert.equal(code, 2);
      assert.equal(out, "");
      assert.equal(err.split("\n")[0], `drf-auth: ${says}`);
      assert.match(err, /^Try: drf-auth (greet )?--help$/m);
    });
  }
});

describe("help", () => {
  it("lists the commands and the exit codes", async () => {
    for (const words of [[], ["--help"], ["-h"], ["help"]]) {
      const { code, out } = await run(words);
      assert.equal(code, 0);
      assert.match(out, /^ {2}greet {2}Greet someone$/m);
      assert.match(out, /0 all is well, 1 it failed, 2 the command line is wrong/);
    }
  });

  it("of a command shows arguments, flags, settings and examples, and asks for nothing", async () => {
    for (const words of [
      ["greet", "--help"],
      ["greet", "-h"],
      ["help", "greet"],
    ]) {
      const { code, out } = await run(words);
      assert.equal(code, 0);
      assert.match(out, /^Usage: drf-auth greet <name> \[title\] \[flags\]$/m);
      assert.match(out, /^ {2}-l, --loud +Shout\.$/m);
      assert.match(out, /--port VALUE .*\(PORT; default: 8000\)$/m);
      assert.match(out, /^ {2}drf-auth greet alice --word Hi$/m);
    }
  });

  it("has colours only in a terminal and without NO_COLOR", async () => {
    assert.ok((await run(["--help"], { isTTY: true })).out.includes("\u001b["));
    assert.ok(!(await run(["--help"])).out.includes("\u001b["));
    assert.ok(!(await run(["--help"], { isTTY: true, env: { NO_COLOR: "1" } })).out.includes("\u001b["));
  });
});

describe("every command", () => {
  for (const command of commands) {
    it(`${command.name} has a summary, an example that starts with it, and no flag that hides a setting`, () => {
      assert.match(command.summary, /^[A-Z].*[^.]$/);
      assert.ok(command.examples.some((example) => example.includes(`drf-auth ${command.name}`)));
      const settingFlags = Object.values(command.settings ?? {}).map(({ flag }) => flag);
      for (const flag of Object.keys(command.flags)) assert.ok(!settingFlags.includes(flag), flag);
    });
  }
  it("has a name of its own", () => {
    assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
  });
});

describe("drf-auth settings", () => {
  it("shows each setting with its value and where that came from", async () => {
    const { code, out } = await run(["settings", "--workers", "4"], { env: { PORT: "9000" }, table: commands });
    assert.equal(code, 0);
    assert.match(out, /^PORT +9000 +environment +TCP port/m);
    assert.match(out, /^WEB_CONCURRENCY +4 +flag/m);
    assert.match(out, /^HOST +127\.0\.0\.1 +default/m);
  });

  it("shows them as JSON too", async () => {
    const rows: { name: string; value: unknown; source: string }[] = JSON.parse(
      (await run(["settings", "--json"], { env: { PORT: "9000" }, table: commands })).out,
    );
    const port = rows.find(({ name }) => name === "PORT");
    assert.deepEqual([port?.value, port?.source], [9000, "environment"]);
  });

  it("knows those of the app file", async (t) => {
    const project = await createProject(
      appSource().replace('title: "Snacks"', "settings: { accessLifetimeSeconds: 600, port: 9000 }"),
    );
    t.after(() => project.remove());
    const { out } = await project.run(["settings"], { environment: { PORT: "9001" } });
    assert.match(out, /^ACCESS_TOKEN_LIFETIME +600 +app file/m);
    assert.match(out, /^PORT +9001 +environment/m);
    const there = await run(["settings", "--app", project.path("app.ts")], { table: commands });
    assert.match(there.out, /^PORT +9000 +app file/m);
    const { code, err } = await run(["settings", "--app", "none.ts"], { table: commands });
    assert.deepEqual([code, err], [1, "drf-auth: --app none.ts: there is no such file\n"]);
  });

  it("says what is wrong with a setting in one line", async () => {
    const { code, err } = await run(["settings"], { env: { PORT: "http" }, table: commands });
    assert.deepEqual(
      [code, err],
      [1, 'drf-auth: PORT="http" (environment): expected a whole number from 0 to 65535\n'],
    );
  });
});

describe("the program", { timeout: 20_000 }, () => {
  const start = (...args: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
    });

  it("says its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    assert.deepEqual(await start(main, "--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("ends with the exit code of what was asked", async () => {
    assert.equal((await start(main, "no-such-command")).code, 2);
  });

  it("says on an old Node which one it needs, before anything else is loaded", async () => {
    const old = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.20.4"})';
    assert.deepEqual(await start("--import", old, main), {
      code: 1,
      stdout: "",
      stderr: "drf-auth needs Node 24 or newer; this is v18.20.4\n",
    });
  });

  it("starts with a file that is plain JavaScript, so that an old Node can read it", async () => {
    const source = readFileSync(main, "utf8");
    // From a file, this Node would take types away; given as text with this type, it does not.
    assert.equal(
      (
        await start(
          "--input-type=module",
          "--eval",
          source.replace("./cli.ts", "data:text/javascript,export const runCli = () => 0"),
        )
      ).code,
      0,
    );
  });
});
