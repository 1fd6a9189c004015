/** Who is asking, and what they may do here. */
import type { Context } from "../resource/index.ts";
import { csrfField } from "./csrf-token.ts";
import { html, type Safe } from "./html.ts";
import { loginUrl, type Site } from "./site.ts";

/**
 * The menu of who is signed in, or the way to sign in.
 * @param may  the methods that this user may use on the page
 */
export function account(site: Site, context: Context, token: string, may: readonly string[]): Safe {
  const { user, authenticator, request } = context;
  if (!user)
    return html`<nav aria-label="Account"><a class="button" href="${loginUrl(site, request)}">Log in</a></nav>`;
  const isSession = authenticator?.name === "session";
  return html`<details class="account popover">
<summary class="button" aria-label="Account: ${user.username}">${user.username}</summary>
<div>
<p>Signed in as <strong>${user.username}</strong>${!isSession && authenticator && html` by ${authenticator.name}`}.</p>
${(user.is_superuser || user.is_staff) && html`<p>${user.is_superuser ? "A superuser, who may do everything." : "One of the staff."}</p>`}
${may.length > 0 && html`<p>Here you may: ${may.join(", ")}</p>`}
${isSession && html`<form method="post" action="${site.logoutPath}">${csrfField(token)}<button class="button" type="submit">Log out</button></form>`}
</div>
</details>`;
}
