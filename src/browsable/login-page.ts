/** What people see of login and logout: small pages of one form. The endpoints are in `login.ts`. */
import type { Context } from "../resource/index.ts";
import { csrfField, csrfToken } from "./csrf-token.ts";
import { type Content, html, type Safe } from "./html.ts";
import { layout } from "./layout.ts";
import type { Site } from "./site.ts";

/** What the login form shows. */
export interface LoginView {
  /** Where to go afterwards. */
  readonly next: string | undefined;
  /** What was typed before. */
  readonly username?: string;
  readonly error?: string;
}

/** The form of name and password. */
export function loginPage(site: Site, context: Context, { next, username = "", error }: LoginView): Safe {
  return small(
    site,
    context,
    "Log in",
    (token) => html`${error !== undefined && html`<p class="alert" role="alert" id="error">${error}</p>`}
<form method="post" action="${site.loginPath}">
${csrfField(token)}
${next !== undefined && html`<input type="hidden" name="next" value="${next}">`}
<div class="field"><label for="username">Username</label><div class="control"><input type="text" id="username" name="username" value="${username}" maxlength="150" autocomplete="username" autocapitalize="none" required${username === "" && html` autofocus`}></div></div>
<div class="field"><label for="password">Password</label><div class="control"><input type="password" id="password" name="password" autocomplete="current-password" required${username !== "" && html` autofocus`}${error !== undefined && html` aria-describedby="error"`}></div></div>
<p class="submit"><button class="button solid" type="submit">Log in</button></p>
</form>`,
  );
}

/** The form of the second step: a code, for a challenge that says whose password was right. */
export function codePage(
  site: Site,
  context: Context,
  { next, challenge, error }: Pick<LoginView, "next" | "error"> & { readonly challenge: string },
): Safe {
  return small(
    site,
    context,
    "Second step",
    (token) => html`${error !== undefined && html`<p class="alert" role="alert" id="error">${error}</p>`}
<form method="post" action="${site.loginPath}">
${csrfField(token)}
<input type="hidden" name="challenge" value="${challenge}">
${next !== undefined && html`<input type="hidden" name="next" value="${next}">`}
<div class="field"><label for="code">Code</label><div class="control"><input type="text" id="code" name="code" maxlength="32" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required autofocus aria-describedby="help${error !== undefined && " error"}"><p class="hint" id="help">The six digits that your authenticator app shows now, or one of your recovery codes.</p></div></div>
<p class="submit"><button class="button solid" type="submit">Log in</button></p>
</form>`,
  );
}

/** The question whether to log out. */
export const logoutPage = (site: Site, context: Context): Safe =>
  small(
    site,
    context,
    "Log out",
    (token) => html`<p>Another site asks to log you out.</p>
<form method="post" action="${site.logoutPath}">${csrfField(token)}<p class="submit"><button class="button solid" type="submit">Log out</button></p></form>`,
  );

/** A sentence, and the way to the login page. */
export const refusalPage = (site: Site, context: Context, sentence: string): Safe =>
  small(
    site,
    context,
    "Refused",
    () => html`<p class="alert">${sentence}</p><p><a href="${site.loginPath}">Log in</a></p>`,
  );

function small(site: Site, context: Context, title: string, content: (token: string) => Content): Safe {
  const token = csrfToken(context, site.browser);
  const main = html`<section class="panel form"><h1>${title}</h1>${content(token)}</section>`;
  return layout(site, context, { title, token, narrow: true }, main);
}
