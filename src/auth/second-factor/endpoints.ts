/**
 * The endpoints of the second factor: a user sets up his own, and a sign-in goes on with a code.
 *
 * Whoever sets it up shows the password again, whoever takes it away shows a code: an access token that was stolen is not enough.
 * Reference: none (SimpleJWT has no second factor); OWASP ASVS 7.5.1.
 */
import { NotAuthenticated, ValidationError } from "../../errors.ts";
import { field } from "../../model/index.ts";
import {
  type Endpoint,
  endpoint,
  type OwnEndpoint,
  permission,
  type Request,
  type Shared,
  type User,
} from "../../resource/index.ts";
import type { AuthEvents } from "../events.ts";
import type { SecondFactor } from "./second-factor.ts";
import type { SecondStep } from "./sign-in.ts";
import { base32, totpUri } from "./totp.ts";

export interface SecondFactorEndpointParts {
  readonly secondFactor: SecondFactor;
  /** Whether this is the password of an account; what is tried there counts for the lock-out. */
  checkPassword(request: Request, user: User, password: string): Promise<boolean>;
  readonly secondStep: Pick<SecondStep, "check" | "confirm">;
  readonly events: AuthEvents;
  /** Tells the account what has changed, where there are mails. */
  readonly changed?: ((userId: number) => Promise<void>) | undefined;
  /** What an authenticator app shows beside the name. */
  readonly issuer: string;
}

/** Where they stand, e.g. `/api/second-factor/`. */
export function secondFactorEndpoints(parts: SecondFactorEndpointParts, path: string, shared: Shared): Endpoint[] {
  const { secondFactor, secondStep, events, issuer, checkPassword } = parts;
  const noteChange = async ({ id: userId, username }: User, what: string, request: Request): Promise<void> => {
    events.emit("user_updated", { userId, username, detail: `second_factor,${what}` }, request);
    await parts.changed?.(userId);
  };
  const password = field.text({ maxLength: 4096, trim: false, writeOnly: true });
  const code = field.text({ maxLength: 32 });
  const codes = field.list({ of: field.text() });

  const byPassword = async (user: User | undefined, given: string, request: Request): Promise<User> => {
    if (!user) throw new NotAuthenticated();
    if (await checkPassword(request, user, given)) return user;
    throw new ValidationError({ password: [{ code: "invalid_password", message: "This is not your password." }] });
  };
  const byCode = async (user: User | undefined, given: string, request: Request): Promise<User> => {
    if (!user) throw new NotAuthenticated();
    if (await secondStep.check(request, user, given)) return user;
    throw new ValidationError({ code: [wrongCode] });
  };
  const permissions = [permission.authenticated()];
  const all: Readonly<Record<string, OwnEndpoint>> = {
    "": endpoint({
      permissions,
      title: "Second Factor",
      description: "Whether signing in asks you for a code.",
      methods: {
        GET: {
          output: { enabled: field.boolean(), recovery_codes_left: field.integer() },
          run: ({ user }) => user && secondFactor.state(user.id),
        },
      },
    }),
    "setup/": endpoint({
      permissions,
      title: "Set Up",
      description: "Gives a new secret for your authenticator app; it counts once it is confirmed.",
      methods: {
        POST: {
          input: { password },
          output: { secret: field.text(), uri: field.text(), qr: field.text() },
          run: async ({ user, input, request }) => {
            const { id, username } = await byPassword(user, input.password, request);
            const secret = await secondFactor.begin(id);
            if (!secret) throw new ValidationError({ non_field_errors: [alreadyOn] });
            const { renderSVG } = await import("uqr");
            const uri = totpUri(secret, issuer, username);
            return { secret: base32(secret), uri, qr: toDataUrl(renderSVG(uri)) };
          },
        },
      },
    }),
    "confirm/": endpoint({
      permissions,
      title: "Confirm",
      description: "Turns the second factor on with the first code of your app; gives recovery codes, once.",
      methods: {
        POST: {
          input: { code },
          output: { recovery_codes: codes },
          run: async ({ user, input, request }) => {
            const recovery_codes = user && (await secondStep.confirm(request, user, input.code));
            if (!recovery_codes) throw new ValidationError({ code: [wrongCode] });
            await noteChange(user, "on", request);
            return { recovery_codes };
          },
        },
      },
    }),
    "recovery-codes/": endpoint({
      permissions,
      title: "Recovery Codes",
      description: "Gives new recovery codes in place of the old ones.",
      methods: {
        POST: {
          input: { code },
          output: { recovery_codes: codes },
          run: async ({ user, input, request }) => {
            const known = await byCode(user, input.code, request);
            const recovery_codes = await secondFactor.renewRecoveryCodes(known.id);
            await noteChange(known, "recovery_codes", request);
            return { recovery_codes };
          },
        },
      },
    }),
    "disable/": endpoint({
      permissions,
      title: "Disable",
      description: "Turns the second factor off.",
      methods: {
        POST: {
          input: { code },
          output: { enabled: field.boolean() },
          run: async ({ user, input, request }) => {
            const known = await byCode(user, input.code, request);
            await secondFactor.disable(known.id);
            await noteChange(known, "off", request);
            return { enabled: false };
          },
        },
      },
    }),
  };
  return Object.entries(all).map(([name, one]) => {
    const mounted = one.mount(`${path}${name}`, shared);
    const about = { ...tried, name: name === "" ? "state" : name.replace("/", "") };
    const actions = Object.entries(mounted.actions).map(([method, action]) => [method, { ...action, ...about }]);
    return { ...mounted, actions: Object.fromEntries(actions) };
  });
}

/** Nothing in them is an app's own; whoever tries too many passwords or codes has to wait. */
const tried = { isOwn: false, refuses: [429] };

const toDataUrl = (svg: string): string => `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;

const wrongCode = { code: "invalid_code", message: "This is not a code of now, or it was used already." };
const alreadyOn = { code: "already_enabled", message: "The second factor is on already; disable it first." };
