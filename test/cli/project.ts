/** A project in a directory of its own, and the command line run in it as a process: what a user has. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
/** The script of the command line. */
export const main = join(root, "src/cli/main.ts");

/** An app with one model; `fields` are those of its source. */
export const appSource = (fields = "name: field.text({ maxLength: 64, unique: true })"): string => `
import { defineApp, field, model, permission, resource } from "drf-auth";

const Snack = model("snack", { fields: { ${fields}, owner: field.owner() } });

export default defineApp({
  title: "Snacks",
  resources: {
    snacks: resource(Snack, {
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
      order: ["name"],
    }),
  },
});
`;

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** Resolves with the match, once standard output and error together have it; rejects where the process ends before. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends SIGTERM. */
  stop(): Promise<Finished>;
}

export interface TestProject {
  readonly directory: string;
  path(...names: string[]): string;
  write(name: string, text: string): Promise<void>;
  /** Runs a command to its end. */
  run(words: readonly string[], options?: { input?: string; environment?: Record<string, string> }): Promise<Finished>;
  /** Starts one that goes on, perhaps within a command that runs it; it is ended with the project. */
  start(words: readonly string[], environment?: Record<string, string>, within?: readonly string[]): Running;
  remove(): Promise<void>;
}

/** Makes a project with an app file. */
export async function createProject(source = appSource()): Promise<TestProject> {
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-project-"));
  await mkdir(join(directory, "node_modules"));
  await symlink(root, join(directory, "node_modules/drf-auth"));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  await writeFile(join(directory, "app.ts"), source);
  const started = new Set<Running>();

  const launch = (
    words: readonly string[],
    environment: Record<string, string> = {},
  ): Running & { end: Promise<Finished> } => launchScript([main, ...words], directory, environment);
  return {
    directory,
    path: (...names) => join(directory, ...names),
    write: (name, text) => writeFile(join(directory, name), text),
    run(words, { input = "", environment } = {}) {
      const running = launch(words, environment);
      running.process.stdin?.end(input);
      return running.end;
    },
    start(words, environment, within) {
      const running = launchScript([main, ...words], directory, environment, within);
      started.add(running);
      return running;
    },
    async remove() {
      for (const running of started) await running.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a script as a process, with nothing of this process's environment but its path.
 * @param within  a command that runs it, such as `unshare --mount`
 */
export function launchScript(
  words: readonly string[],
  directory: string,
  environment: Record<string, string> = {},
  within: readonly string[] = [],
): Running & { readonly end: Promise<Finished> } {
  const [command = "", ...more] = [...within, process.execPath, "--conditions=drf-auth-source", ...words];
  const child = spawn(command, more, {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      WEB_CONCURRENCY: "1",
      PORT: "0",
      PASSWORD_HASHER: "pbkdf2_sha256",
      PASSWORD_ITERATIONS: "1",
      ...environment,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = { out: "", err: "", all: "" };
  const waiting = new Set<() => void>();
  const take = (stream: "out" | "err") => (chunk: unknown) => {
    said[stream] += chunk;
    said.all += chunk;
    for (const look of waiting) look();
  };
  child.stdout.on("data", take("out"));
  child.stderr.on("data", take("err"));
  child.stdin.on("error", () => undefined); // it ended without reading
  const end = once(child, "close").then(
    ([code]): Finished => ({ code: typeof code === "number" ? code : null, out: said.out, err: said.err }),
  );
  return {
    process: child,
    end,
    says(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
      const look = (): void => {
        const found = pattern.exec(said.all);
        if (found) resolve(found);
      };
      waiting.add(look);
      look();
      void end.then(() => reject(new Error(`it ended without saying ${pattern}:\n${said.all}`)));
      return promise.finally(() => waiting.delete(look));
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      return end;
    },
  };
}
