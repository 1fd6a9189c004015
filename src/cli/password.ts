/**
 * A password from whoever runs a command: typed twice without an echo, or the first line of standard input.
 *
 * Never from the command line, which other users of a machine can see.
 * Reference: getpass and the `createsuperuser` command of Django.
 */
import { createInterface } from "node:readline/promises";
import { type Readable, Writable } from "node:stream";
import { DrfAuthError, type Issue } from "../errors.ts";
import type { Context, Flag } from "./command.ts";

/** No password came, or none that can be used. */
export class PasswordRefused extends DrfAuthError {
  readonly code = "password_refused";
}

export interface PasswordSource {
  /** `process.stdin`, or what stands for it in a test. */
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Read a line of it instead of asking. */
  readonly isPiped: boolean;
  /** Where questions are asked. */
  readonly ask: (question: string) => void;
}

/** The flag of commands that read one. */
export const passwordFlag = {
  type: "boolean",
  description: "Read the password from a line of standard input instead of asking for it.",
} as const satisfies Flag;

/** Where the password of a command line comes from. */
export const sourceOf = ({
  flags,
}: Pick<Context<{ "password-stdin": typeof passwordFlag }>, "flags">): PasswordSource => ({
  input: process.stdin,
  isPiped: flags["password-stdin"] === true,
  ask: (question) => void process.stderr.write(question),
});

/**
 * Reads a password that somebody chooses for an account.
 * @throws PasswordRefused  none came, it was typed differently the second time, or it is not good enough; says why
 */
export async function readPassword(
  { input, isPiped, ask }: PasswordSource,
  findIssues: (password: string) => Promise<readonly Issue[]>,
): Promise<string> {
  const password = isPiped || !input.isTTY ? await readLine(input) : await askTwice(input, ask);
  if (password === "") throw new PasswordRefused("expected a password");
  const issues = await findIssues(password);
  if (issues.length === 0) return password;
  throw new PasswordRefused(`the password is refused: ${issues.map(({ message }) => message).join(" ")}`);
}

/** The first line, without waiting for more: whoever writes it may not be at the end. */
async function readLine(input: Readable): Promise<string> {
  for await (const line of createInterface({ input })) return line;
  return "";
}

async function askTwice(input: Readable, ask: PasswordSource["ask"]): Promise<string> {
  // What is typed is edited as in every line, but shown nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  const ended = new AbortController();
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => ended.abort());
  try {
    ask("Password: ");
    const first = await lines.question("", ended);
    ask("\nThe same again: ");
    const second = await lines.question("", ended);
    if (first !== second) throw new PasswordRefused("the two passwords are not the same");
    return first;
  } catch (error) {
    if (ended.signal.aborted) throw new PasswordRefused("expected a password");
    throw error;
  } finally {
    ask("\n");
    lines.close();
  }
}
