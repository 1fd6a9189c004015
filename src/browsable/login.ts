/**
 * Signing in and out with a browser: endpoints like any other, whose answers are pages.
 *
 * They look at no credentials but what the form holds; every POST is checked against forgery, since a login that others make a
 * browser do is as bad as a logout.
 * Reference: django.contrib.auth.views.LoginView and LogoutView, rest_framework/login.html.
 * Differs: a logout by GET that comes from another site is only asked about; a failed CSRF check answers with our own page.
 */
import {
  type AuthEvents,
  checkCsrf,
  LockedOut,
  SecondFactorRequired,
  type SecondStep,
  type Sessions,
  type SignIn,
  type UserRow,
} from "../auth/index.ts";
import { PermissionDenied, ValidationError } from "../errors.ts";
import { field } from "../model/index.ts";
import { type Context, createSerializer, type Endpoint, Form, type Renderer, type Result } from "../resource/index.ts";
import { csrfToken } from "./csrf-token.ts";
import { Safe } from "./html.ts";
import { nextPath } from "./next-path.ts";
import type { Pages } from "./page.ts";
import { pageHeaders } from "./page-headers.ts";

export interface LoginOptions {
  readonly signIn: SignIn;
  /** Where accounts may have a second factor. */
  readonly secondStep?: Pick<SecondStep, "complete"> | undefined;
  readonly events: AuthEvents;
  readonly sessions: Pick<Sessions, "start" | "end" | "userOf">;
  readonly pages: Pages;
}

const credentials = createSerializer({
  username: field.text({ maxLength: 150 }),
  password: field.text({ maxLength: 4096, trim: false }),
});

/** Loaded with the first page, as all that makes pages is. */
const loginPages = () => import("./login-page.ts");

/** The endpoints of login and logout, at the paths that the pages link to. */
export function loginEndpoints(options: LoginOptions): Endpoint[] {
  const { signIn: checkPassword, secondStep, events, sessions } = options;
  const { site } = options.pages;
  const renderer: Renderer = {
    format: "html",
    mediaType: "text/html",
    contentType: "text/html; charset=utf-8",
    headers: { ...pageHeaders, vary: "Cookie", "cache-control": "no-store" },
    // An error such as a 405 comes as data; it has no page of its own here.
    render: async ({ data }, context) =>
      data instanceof Safe
        ? data.text
        : (await loginPages()).refusalPage(site, context, "This cannot be done here.").text,
  };

  const { browser } = site;

  const signIn = async (context: Context, form: Form): Promise<Result> => {
    const next = form.get("next") ?? context.request.query.get("next");
    const { username, password } = await readCredentials(form, context);
    const refused = async (error: string) =>
      page((await loginPages()).loginPage(site, context, { next, username: form.get("username"), error }));
    let user: Awaited<ReturnType<SignIn>>;
    try {
      user = username === "" ? undefined : await checkPassword(context.request, "session", username, password);
    } catch (error) {
      if (error instanceof SecondFactorRequired)
        return page((await loginPages()).codePage(site, context, { next, challenge: error.challenge }));
      if (!(error instanceof LockedOut)) throw error;
      return { ...(await refused(error.message)), status: error.status, headers: error.headers };
    }
    if (!user) return refused("The username or the password is wrong.");
    return enter(context, user, next);
  };

  /** The second step of an account that has a second factor. */
  const signInByCode = async (context: Context, form: Form, challenge: string): Promise<Result> => {
    const next = form.get("next") ?? context.request.query.get("next");
    const refused = async (error: string) =>
      page((await loginPages()).codePage(site, context, { next, challenge, error }));
    const code = (form.get("code") ?? "").slice(0, 32);
    let user: Awaited<ReturnType<SignIn>>;
    try {
      user = await secondStep?.complete(context.request, "session", challenge, code);
    } catch (error) {
      if (!(error instanceof LockedOut)) throw error;
      return { ...(await refused(error.message)), status: error.status, headers: error.headers };
    }
    if (!user) return refused("This code is wrong, or too late; after five minutes the password is asked again.");
    return enter(context, user, next);
  };

  const enter = async (context: Context, user: UserRow, next: string | undefined): Promise<Result> => {
    const key = await sessions.start(user, browser.session.of(context));
    events.emit("session_created", { userId: user.id, username: user.username }, context.request);
    csrfToken(context, browser, true);
    browser.session.set(context, key);
    return redirect(nextPath(next, context.request, site.root));
  };

  const signOut = async (context: Context): Promise<Result> => {
    const key = browser.session.of(context);
    if (key !== undefined) {
      const user = await sessions.userOf(key, context.request);
      await sessions.end(key);
      if (user)
        events.emit("session_expired", { userId: user.id, username: user.username, detail: "logout" }, context.request);
      browser.session.forget(context);
    }
    return redirect(nextPath(context.request.query.get("next"), context.request, site.loginPath));
  };

  /** Only a POST from a page of ours, or of a trusted origin. */
  const guarded =
    (run: (context: Context, form: Form) => Promise<Result>) =>
    async (context: Context): Promise<Result> => {
      try {
        await checkCsrf(context, browser);
      } catch (error) {
        if (!(error instanceof PermissionDenied)) throw error;
        const body = (await loginPages()).refusalPage(
          site,
          context,
          "This form is out of date, or came from another site. Please load the page again; it needs cookies.",
        );
        return { status: 403, data: body, headers: { "content-type": "text/html" } };
      }
      const body = await context.body();
      return run(context, body instanceof Form ? body : new Form([]));
    };

  const endpoint = (
    action: "login" | "logout",
    path: string,
    name: string,
    actions: Record<"GET" | "POST", (context: Context) => Promise<Result>>,
  ): Endpoint => ({
    ...{ path, name, description: "", authenticators: [], permissions: [], renderers: [renderer], formatSuffix: false },
    isPage: true,
    actions: { GET: { name: action, run: actions.GET }, POST: { name: action, run: actions.POST } },
  });

  return [
    endpoint("login", site.loginPath, "Log in", {
      GET: async (context) =>
        page((await loginPages()).loginPage(site, context, { next: context.request.query.get("next") })),
      POST: guarded((context, form) => {
        const challenge = secondStep && form.get("challenge");
        return challenge === undefined ? signIn(context, form) : signInByCode(context, form, challenge);
      }),
    }),
    endpoint("logout", site.logoutPath, "Log out", {
      GET: async (context) =>
        isOurs(context) ? signOut(context) : page((await loginPages()).logoutPage(site, context)),
      POST: guarded(signOut),
    }),
  ];
}

/**
 * Whether a GET comes from a page of ours or from the address bar, as far as the browser says; one that says nothing is let through, as
 * by the reference. A page of a sibling subdomain (`same-site`) is another's.
 * Reference: W3C Fetch Metadata, `Sec-Fetch-Site`.
 */
const isOurs = ({ request: { headers } }: Context): boolean =>
  ["same-origin", "none", undefined].includes(headers["sec-fetch-site"]?.toString());

/** What the form holds; nothing where it cannot be a name and a password. */
async function readCredentials(form: Form, { services }: Context): Promise<{ username: string; password: string }> {
  try {
    const { username, password } = await credentials.read(form, { executor: services.database });
    return { username: String(username), password: String(password) };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return { username: "", password: "" };
  }
}

const page = (body: Safe): Result => ({ status: 200, data: body });

const redirect = (location: string): Result => ({
  status: 302,
  headers: { location, "content-type": "text/html; charset=utf-8" },
});
