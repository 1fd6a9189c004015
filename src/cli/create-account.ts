/** What `createuser` and `createsuperuser` share: a name that is free, a password that nobody sees, an account. */
import { User, type Users } from "../auth/index.ts";
import { type Executor, UniqueViolation } from "../db/index.ts";
import { DrfAuthError, messagesOf, ValidationError } from "../errors.ts";
import { createSerializer } from "../resource/index.ts";
import type { Context } from "./command.ts";
import { readPassword } from "./password.ts";
import { appFlag, projectOf } from "./project.ts";

/** The account cannot be made as asked. */
export class AccountRefused extends DrfAuthError {
  readonly code = "account_refused";
}

export const passwordFlag = {
  type: "boolean",
  description: "Read the password from standard input instead of asking for it.",
} as const;

export const accountFlags = {
  app: appFlag,
  email: { type: "string", value: "ADDRESS", description: "E-mail address." },
  "password-stdin": passwordFlag,
} as const;

/** Makes the account that a command line names. @throws AccountRefused | PasswordRefused | ConfigurationError */
export async function createAccount(
  context: Context<typeof accountFlags>,
  rights: { readonly is_staff: boolean; readonly is_superuser: boolean },
): Promise<undefined> {
  const [username = ""] = context.arguments;
  const { email = "", "password-stdin": isPiped = false } = context.flags;
  const project = await projectOf(context);
  await project.checkMigrations();
  const running = await project.start();
  try {
    await checkValues({ username, email }, running.database);
    await refuseTaken(running.users, username);
    const ask = (question: string): void => void process.stderr.write(question);
    const findIssues = (chosen: string) => running.findPasswordIssues(chosen, { username, email });
    const password = await readPassword({ input: process.stdin, isPiped, ask }, findIssues);
    await running.users.create({ username, email, password, ...rights });
    context.print(`The account "${username}" is made.`);
  } catch (error) {
    throw error instanceof UniqueViolation ? taken(username) : error;
  } finally {
    await running.close();
  }
}

async function checkValues(
  values: { readonly username: string; readonly email: string },
  executor: Executor,
): Promise<void> {
  const { username, email } = User.fields;
  try {
    await createSerializer({ username, email }).read(values, { executor });
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const messages = Object.entries(messagesOf(error.issues) ?? {}).map(([field, texts]) => `${field}: ${texts}`);
    throw new AccountRefused(messages.join(" "));
  }
}

/** Before anybody is asked for a password. */
async function refuseTaken(users: Users, username: string): Promise<void> {
  if (await users.byUsername(username)) throw taken(username);
}

const taken = (username: string): AccountRefused => new AccountRefused(`there is an account "${username}" already`);
