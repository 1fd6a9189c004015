/** What the README shows is what happens: its table, its steps, its first app. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { createProject, type Finished, launchScript } from "./cli/project.ts";
import { runCommandLine, wordsOf } from "./command-line.ts";
import { assertShown, helloWorld, links, root, type Step, sectionOf, stepsOf, tableOf } from "./readme.ts";

const example = join(root, "examples/thesaurus");
const main = join(root, "src/cli/main.ts");

it("the table of routes is what the command prints", async () => {
  const words = ["routes", "--app", join(example, "app.ts"), "--markdown"];
  const { out } = await launchScript([main, ...words], root).end;
  assert.equal(tableOf(sectionOf("Routes of the main example")), out.trim());
});

it("everything that it links to is there", () => {
  const missing = links().filter((path) => !existsSync(join(root, path)));
  assert.deepEqual(missing, []);
});

describe("the steps to try by hand", () => {
  it("begin with a start that says what is shown", async () => {
    const test = await startExample();
    const { out, code } = await test.stop();
    const [start] = stepsOf(sectionOf("Try it by hand"));
    assert.equal(start?.command, "npm start");
    assertShown(out, start.shown.replace(":8000/", `:${test.port}/`), start.command);
    assert.equal(code, 0);
  });

  for (const [title, tool] of [
    ["With HTTPie", "http"],
    ["With curl", "curl"],
  ] as const) {
    it(`${title}: answers are as shown`, () => walk(title, runCommandLine));

    const skip = !isOnPath(tool) && `${tool} is not on this machine`;
    it(`${title} itself: answers are as shown`, { skip }, () => walk(title, runShell));
  }
});

describe("the first app", () => {
  it("imports at most five names", () => {
    const [, names = ""] = /^import \{ (.*) \} from "drf-auth";$/m.exec(helloWorld()) ?? [];
    assert.ok(names.split(", ").length <= 5, names);
  });

  it("has no type errors in strict mode", async () => {
    const project = await createProject(helloWorld());
    try {
      const compilerOptions = {
        ...{
          strict: true,
          target: "es2024",
          lib: ["es2024", "esnext.iterator", "esnext.collection"],
          module: "nodenext",
        },
        ...{ noEmit: true, allowImportingTsExtensions: true, customConditions: ["drf-auth-source"] },
        ...{ types: ["node"], typeRoots: [join(root, "node_modules/@types")], skipLibCheck: true },
      };
      await project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["app.ts"] }));
      const { status, out } = await execute(join(root, "node_modules/.bin/tsc"), ["-p", project.directory]);
      assert.equal(status, 0, out);
    } finally {
      await project.remove();
    }
  });

  it("runs, and lets the account that was made create a snack", async () => {
    const project = await createProject(helloWorld());
    try {
      const [start, account] = stepsOf(sectionOf("Hello world"));
      assert.ok(start && account);
      const dev = project.start(wordsOf(start.command, {}).slice(2), { ACCESS_LOG: "off" });
      const [, api = ""] = await dev.says(/API: (\S+)/);
      const made = await project.run(wordsOf(account.command, {}).slice(2), { input: "correct horse" });
      assertShown(made.out, withoutPrompts(account.shown), account.command);

      const snacks = `${api}snacks/`;
      assert.equal((await post(snacks, { name: "nuts" })).status, 401);
      const answer: unknown = await (
        await post(new URL("/api/token/", api).href, { username: "alice", password: "correct horse" })
      ).json();
      assert.ok(typeof answer === "object" && answer !== null && "access" in answer);
      const created = await post(snacks, { name: "nuts" }, String(answer.access));
      assert.equal(created.status, 201);
      const page = await fetch(snacks, { headers: { accept: "text/html" } });
      assert.match(await page.text(), /<title>Snack List · API<\/title>[\s\S]*nuts/);

      const { out, code } = await dev.stop();
      assertShown(out, start.shown.replace(":8000/", `:${new URL(api).port}/`), start.command);
      assert.equal(code, 0);
    } finally {
      await project.remove();
    }
  });
});

// ---- how steps are walked ---------------------------------------------------------------------------

interface StartedExample {
  readonly port: string;
  /** The one that was printed. */
  readonly password: string;
  /** Settings that commands need to find its database. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<Finished>;
}

/** What `npm start` runs, on a database that is not there before. */
async function startExample(): Promise<StartedExample> {
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-readme-"));
  const environment = {
    DATABASE_URL: `sqlite:///${join(directory, "db.sqlite3")}`,
    STATIC_ROOT: join(directory, "static"),
  };
  const running = launchScript(["start.ts"], example, { ...environment, ACCESS_LOG: "off" });
  const [, password = ""] = await running.says(/with the password "([^"]+)"/);
  const [, port = ""] = await running.says(/Thesaurus: http:\/\/127\.0\.0\.1:(\d+)/);
  return {
    ...{ port, password, environment },
    async stop() {
      const finished = await running.stop();
      await rm(directory, { recursive: true, force: true });
      return finished;
    },
  };
}

type RunStep = (command: string, variables: Readonly<Record<string, string>>) => Promise<string>;

/** Does the steps of a section in order, on a database of their own, and compares every answer. */
async function walk(title: string, run: RunStep): Promise<void> {
  const test = await startExample();
  const here = (text: string): string => text.replaceAll(":8000/", `:${test.port}/`);
  const variables: Record<string, string> = {};
  let named: unknown = { password: test.password, bobs_password: "correct horse" };

  const step = async ({ command, shown }: Step): Promise<void> => {
    const [, variable, key = ""] = /^(\w+)=… *# "(\w+)"/.exec(command) ?? [];
    if (variable !== undefined) {
      variables[variable] = answered(named, key);
    } else if (command.startsWith("npm run --silent drf-auth -- ")) {
      const child = launchScript([main, ...wordsOf(command, {}).slice(5)], root, test.environment);
      child.process.stdin?.end("correct horse");
      assertShown((await child.end).out, withoutPrompts(shown), command);
    } else {
      const output = await run(here(command), variables);
      assertShown(output, here(shown), command);
      named = jsonIn(output);
    }
  };
  try {
    const [, ...prelude] = stepsOf(sectionOf("Try it by hand").split(/^### /m)[0] ?? "");
    for (const each of [...prelude, ...stepsOf(sectionOf(title))]) await step(each);
  } finally {
    await test.stop();
  }
}

/** As a terminal would run it; HTTPie is told that it stands in one. */
async function runShell(command: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "drf-auth-home-"));
  try {
    const options = ["--ignore-stdin", "--pretty=format", "--print=hb"];
    await mkdir(join(home, "httpie"));
    await writeFile(join(home, "httpie/config.json"), JSON.stringify({ default_options: options }));
    const env = { PATH: process.env.PATH, HOME: home, HTTPIE_CONFIG_DIR: join(home, "httpie"), ...variables };
    return (await execute("sh", ["-c", command], env)).out.replaceAll("\r\n", "\n");
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function execute(file: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  try {
    const { stdout } = await promisify(execFile)(file, words, { env, encoding: "utf8" });
    return { status: 0, out: stdout };
  } catch (error) {
    if (!(error instanceof Error && "stdout" in error && "code" in error)) throw error;
    return { status: error.code, out: String(error.stdout) };
  }
}

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(resolve(directory, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Questions are asked in a terminal only. */
const withoutPrompts = (shown: string): string => shown.replace(/^(?:Password|The same again):\n/gm, "");

const jsonIn = (output: string): unknown => {
  const start = output.search(/^\{/m);
  return start < 0 ? undefined : JSON.parse(output.slice(start));
};

function answered(answer: unknown, key: string): string {
  assert.ok(typeof answer === "object" && answer !== null && key in answer, `expected "${key}" in the answer before`);
  return String(new Map(Object.entries(answer)).get(key));
}

const post = (url: string, body: unknown, token?: string): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
