/** Starts the primary of the tests as a process of its own and asks it things. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Running {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly errors: () => string;
  /** The first line that matches, now or later. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export function run(environment: Readonly<Record<string, string>> = {}): Running {
  const script = fileURLToPath(new URL("arbiter-fixture.ts", import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(([code, signal]) => (signal ?? code) as number | string);
  const line = async (matches: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const found = lines.find(matches);
      if (found !== undefined) return found;
      const signal = AbortSignal.timeout(20_000);
      await Promise.race([
        once(reader, "line", { signal }),
        ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${errors}`))),
      ]);
    }
  };
  return { child, lines, errors: () => errors, line, ended };
}

/** A line of the log of the fixtures. */
export const isLog = (message: string) => (line: string) => line.includes(`"message":"${message}"`);

/** Asks until there is an answer; bounded by the test's own limit. */
export async function eventually<T>(get: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const value = await Promise.resolve(get()).catch(() => undefined);
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const readyUrl = async ({ line }: Running): Promise<string> =>
  (await line((text) => text.startsWith("ready "))).slice("ready ".length);

export interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: Promise<string>;
}

/** Asks on a connection of its own; resolves when the headers are here. */
export function ask(url: string, socketPath?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { socketPath, agent: false, headers: { connection: "keep-alive" } }, (response) => {
      const body = new Promise<string>((done, fail) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => done(text));
        response.on("error", fail);
      });
      resolve({ status: response.statusCode, connection: response.headers.connection, body });
    });
    sent.on("error", reject);
    sent.end();
  });
}

export const pidOf = async (url: string): Promise<number> => Number(await (await ask(`${url}/pid`)).body);
