/** Processes of a smoke test: started as a user starts them, listened to, ended. Whatever is left ends with the test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, resolve } from "node:path";
import { projectSettings } from "../../src/project/index.ts";

export const root = resolve(import.meta.dirname, "../..");

/** Tells of something that was seen to work. */
export type Tell = (line: string) => void;

export interface Finished {
  readonly code: number | null;
  /** Standard output. */
  readonly out: string;
  /** Standard output and error as they came. */
  readonly all: string;
}

export interface Running {
  /** Resolves with the match once it was printed. @throws Error  the process ended before, or a minute is over */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  /** SIGTERM to this process alone, as a supervisor sends it. */
  terminate(): Promise<Finished>;
  /** SIGINT to it and all it started, as Ctrl-C sends it. */
  interrupt(): Promise<Finished>;
  readonly end: Promise<Finished>;
}

/** Milliseconds that anything may take. */
const patience = 60_000;

export interface StartOptions {
  /** Beside what a newcomer's shell has: no setting of the product, nothing of the npm that runs this. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
}

/** Starts a program with its words, in a process group of its own. */
export function start(words: readonly string[], directory: string, options: StartOptions = {}): Running {
  const { environment, input = "" } = options;
  const [file = "", ...rest] = words;
  const child = spawn(file, rest, {
    cwd: directory,
    env: { ...newcomer(), ...environment },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let out = "";
  let all = "";
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      all += chunk;
      for (const look of waiting) look();
    });
  }
  child.stdin.end(input);
  child.stdin.on("error", () => undefined); // it ended without reading
  const kill = (signal: NodeJS.Signals, pid: number | undefined): void => {
    try {
      if (pid !== undefined) process.kill(pid, signal);
    } catch {
      // It is gone.
    }
  };
  const killAll = (): void => kill("SIGKILL", child.pid === undefined ? undefined : -child.pid);
  process.once("exit", killAll);
  const end = once(child, "close").then(([code]): Finished => {
    process.off("exit", killAll);
    return { code: typeof code === "number" ? code : null, out, all };
  });
  const inTime = async <T>(work: Promise<T>, what: string): Promise<T> => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      killAll();
      reject(new Error(`${words.join(" ")}: ${what} took too long:\n${all}`));
    }, patience);
    return Promise.race([work, promise]).finally(() => clearTimeout(timer));
  };
  return {
    end,
    says(pattern) {
      const { promise, resolve: found, reject } = Promise.withResolvers<RegExpMatchArray>();
      const look = (): void => {
        const match = pattern.exec(all);
        if (match) found(match);
      };
      waiting.add(look);
      look();
      void end.then(() => reject(new Error(`${words.join(" ")} ended without saying ${pattern}:\n${all}`)));
      return inTime(promise, `to say ${pattern}`).finally(() => waiting.delete(look));
    },
    terminate() {
      kill("SIGTERM", child.pid);
      return inTime(end, "to end");
    },
    interrupt() {
      kill("SIGINT", child.pid === undefined ? undefined : -child.pid);
      return inTime(end, "to end");
    },
  };
}

/** Runs a command line to its end. @throws Error  it does not end with 0 */
export async function run(words: readonly string[], directory: string, options?: StartOptions): Promise<string> {
  const { code, out, all } = await start(words, directory, options).end;
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}:\n${all}`);
  return out;
}

/** The environment of somebody who just opened a terminal, with this Node as the only one. */
function newcomer(): NodeJS.ProcessEnv {
  const settings = new Set(Object.values(projectSettings).map(({ name }) => name));
  const isOurs = (name: string): boolean =>
    settings.has(name) || /^npm_(package_|lifecycle_|config_local_prefix|command|execpath)|^NODE_/.test(name);
  // How the machine reaches a registry is not ours.
  const { NODE_EXTRA_CA_CERTS } = process.env;
  const kept = Object.entries(process.env).filter(([name]) => !isOurs(name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((directory) => !directory.startsWith(root));
  return {
    ...Object.fromEntries(kept),
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
  };
}
