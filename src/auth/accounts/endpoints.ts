/**
 * The routes of accounts.
 *
 * Those for people who are not signed in look at no credentials: what is sent in the body is the credential.
 * Reference: djoser's base endpoints (their paths, the names of what is sent, their statuses).
 */
import { ForeignKeyViolation, type Values } from "../../db/index.ts";
import { Conflict } from "../../errors.ts";
import { type FieldMap, field } from "../../model/index.ts";
import {
  type Action,
  type Context,
  createSerializer,
  type Endpoint,
  permission,
  type Shared,
} from "../../resource/index.ts";
import { User, type UserRow } from "../models.ts";
import * as credentials from "./credentials.ts";
import { createDesk, type Desk, type DeskOptions } from "./desk.ts";
import type { accountRates } from "./options.ts";
import { activate, register, resendActivation } from "./registration.ts";

type Scope = keyof typeof accountRates;
type Run = (desk: Desk, values: Values, context: Context) => unknown;

/** Longer ones are not hashed; NIST asks for 64 at least. */
const password = () => field.text({ maxLength: 4096, trim: false, writeOnly: true });
const linkFields = { uid: field.text({ maxLength: 64 }), token: field.text({ maxLength: 128 }) };
const { username } = User.fields;
const email = () => field.email();
const current = { current_password: password() };

/** Whoever tries too many passwords has to wait. */
const tried = { refuses: [429] };

/** @returns the endpoints; a part that is off has none */
export function accountEndpoints(options: DeskOptions, shared: Shared): readonly Endpoint[] {
  const desk = createDesk(options);
  const { path, registration, activation, fields } = options.accounts;
  const own = Object.fromEntries(fields.map((name) => [name, User.fields[name]]));

  const action = (name: string, input: FieldMap, run: Run, status = 204, about: Partial<Action> = {}): Action => {
    const reads = createSerializer(input);
    return {
      ...{ name, input: reads, status, ...about },
      async run(context) {
        const values = await reads.read(await context.body(), { executor: desk.database });
        return { status, data: await run(desk, values, context) };
      },
    };
  };
  const endpoint = (route: string, description: string, actions: Endpoint["actions"], throttleScope?: Scope) => ({
    ...{
      path: `${path}${route}`,
      description,
      actions,
      throttleScope,
      renderers: shared.renderers,
      formatSuffix: false,
    },
    name: titleOf(route),
  });
  /** For anybody. */
  const open = (
    route: string,
    scope: Scope,
    description: string,
    input: FieldMap,
    run: Run,
    status?: number,
    about: Partial<Action> = { refuses: [403] },
  ): Endpoint => ({
    ...endpoint(route, description, { POST: action(nameOf(route), input, run, status, about) }, scope),
    ...{ authenticators: [], permissions: [permission.allowAny()] },
  });
  /** For whoever is signed in and knows the password. */
  const guarded = (route: string, description: string, input: FieldMap, run: Run): Endpoint => ({
    ...endpoint(
      route,
      description,
      { POST: action(nameOf(route), { ...current, ...input }, run, 204, tried) },
      "account_password",
    ),
    ...{ authenticators: shared.authenticators, permissions: [permission.authenticated()] },
  });
  const me: Endpoint = {
    ...endpoint("me/", "Your account.", meActions(desk, own, action)),
    ...{ authenticators: shared.authenticators, permissions: [permission.authenticated()] },
  };

  const registered = { email: activation ? email() : User.fields.email, username, password: password(), ...own };
  const told = {
    ...{ email: field.email({ blank: true, required: true }), username: field.text() },
    ...(activation ? {} : { id: field.integer({ big: true }) }),
    ...Object.fromEntries(fields.map((name) => [name, field.text()])),
  };
  const link = ({ uid, token }: Values) => ({ uid: String(uid), token: String(token) });
  return [
    ...(registration
      ? [open("", "account_register", "Makes an account.", registered, register, 201, { output: told })]
      : []),
    ...(registration && activation
      ? [
          open(
            "activation/",
            "account_confirm",
            "Activates the account of a link.",
            linkFields,
            (to, values, context) => activate(to, context, link(values)),
          ),
          open("resend_activation/", "account_mail", "Sends the link again.", { email: email() }, (to, values) =>
            resendActivation(to, String(values.email)),
          ),
        ]
      : []),
    me,
    guarded("set_password/", "Changes your password.", { new_password: password() }, (to, values, context) =>
      credentials.setPassword(to, context, String(values.current_password), String(values.new_password)),
    ),
    open(
      "reset_password/",
      "account_mail",
      "Sends a link to choose another password.",
      { email: email() },
      (to, values) => credentials.askReset(to, "resetPassword", String(values.email)),
    ),
    open(
      "reset_password_confirm/",
      "account_confirm",
      "Sets the password of the account of a link.",
      { ...linkFields, new_password: password() },
      (to, values, context) => credentials.resetPassword(to, context, link(values), String(values.new_password)),
    ),
    guarded("set_username/", "Changes your name.", { new_username: username }, (to, values, context) =>
      credentials.setUsername(to, context, String(values.current_password), String(values.new_username)),
    ),
    open(
      "reset_username/",
      "account_mail",
      "Sends your name, and a link to change it.",
      { email: email() },
      (to, values) => credentials.askReset(to, "resetUsername", String(values.email)),
    ),
    open(
      "reset_username_confirm/",
      "account_confirm",
      "Changes the name of the account of a link.",
      { ...linkFields, new_username: username },
      (to, values, context) => credentials.resetUsername(to, context, link(values), String(values.new_username)),
    ),
    guarded("set_email/", "Sends a link to your new address.", { new_email: email() }, (to, values, context) =>
      credentials.setEmail(to, context, String(values.current_password), String(values.new_email)),
    ),
    open(
      "set_email_confirm/",
      "account_confirm",
      "Makes an address that of its account.",
      linkFields,
      (to, values, context) => credentials.confirmEmail(to, context, link(values)),
    ),
  ];
}

/** What one may do with one's own account: read, change, delete it. */
function meActions(
  desk: Desk,
  own: FieldMap,
  action: (name: string, input: FieldMap, run: Run, status?: number, about?: Partial<Action>) => Action,
): Endpoint["actions"] {
  const shown = createSerializer({
    ...{ email: field.email({ readOnly: true }), id: field.integer({ readOnly: true }) },
    ...{ username: field.text({ readOnly: true }), ...own },
  });
  const show = (user: UserRow) => shown.represent(user);
  const change = (name: string, partial: boolean): Action => ({
    ...{ name, input: shown, output: shown.fields },
    async run(context) {
      const { id } = await desk.account(context);
      const values = await shown.read(await context.body(), { executor: desk.database, partial });
      await desk.store.update(desk.database, id, values);
      return { status: 200, data: show(await desk.account(context)) };
    },
  });
  const remove: Run = async (_, { current_password }, context) => {
    const user = await credentials.confirmed(desk, context, String(current_password));
    try {
      await desk.users.remove(user.id);
    } catch (error) {
      if (!(error instanceof ForeignKeyViolation)) throw error;
      throw new Conflict("Other rows still refer to this account.", "reference");
    }
    desk.note("user_deleted", user, context);
  };
  return {
    GET: {
      ...{ name: "me", output: shown.fields },
      run: async (context) => ({ status: 200, data: show(await desk.account(context)) }),
    },
    PUT: change("me", false),
    PATCH: change("me", true),
    DELETE: action("me", current, remove, 204, { refuses: [409, 429] }),
  };
}

const nameOf = (route: string): string => (route === "" ? "register" : route.replace("/", ""));

/** `reset_password/` -> `Reset password`. */
function titleOf(route: string): string {
  const words = nameOf(route).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
