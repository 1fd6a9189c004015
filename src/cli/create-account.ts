/** What `createuser` and `createsuperuser` share: a name that is free, a password that nobody sees, an account. */
import { User, type Users } from "../auth/index.ts";
import { type Executor, UniqueViolation } from "../db/index.ts";
import { messagesOf, ValidationError } from "../errors.ts";
import { createSerializer } from "../resource/index.ts";
import { AccountRefused } from "./account.ts";
import type { Context } from "./command.ts";
import { passwordFlag, readPassword, sourceOf } from "./password.ts";
import { appFlag, byCommand, withApp } from "./project.ts";

export const accountFlags = {
  app: appFlag,
  email: { type: "string", value: "ADDRESS", description: "E-mail address." },
  "password-stdin": passwordFlag,
} as const;

/** Makes the account that a command line names. @throws AccountRefused | PasswordRefused | ConfigurationError */
export function createAccount(
  context: Context<typeof accountFlags>,
  rights: { readonly is_staff: boolean; readonly is_superuser: boolean },
): Promise<undefined> {
  const [username = ""] = context.arguments;
  const { email = "" } = context.flags;
  return withApp(context, async ({ users, events, database, findPasswordIssues }) => {
    await checkValues({ username, email }, database);
    await refuseTaken(users, username);
    const findIssues = (chosen: string) => findPasswordIssues(chosen, { username, email });
    const password = await readPassword(sourceOf(context), findIssues);
    const userId = await users.create({ username, email, password, ...rights }).catch((error: unknown) => {
      throw error instanceof UniqueViolation ? taken(username) : error;
    });
    events.emit("user_created", { userId, username, detail: byCommand });
    context.print(`The account "${username}" is made.`);
    return undefined;
  });
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
