/** How credentials are sent: the schemes of an app, and which of them a route takes. */
import type { Action, Authenticator, Endpoint, SecurityScheme } from "../resource/index.ts";
import type { SecurityRequirement } from "./document.ts";

/** A component's name has letters, digits, `.`, `_` and `-`. */
const nameOf = ({ name }: Authenticator): string => name.replaceAll(/[^\w.-]+/g, "-");

/** What an authenticator says of itself; else what its challenge or the header it looks at says. */
function schemeOf({ security, challenge, varies }: Authenticator): SecurityScheme | undefined {
  if (security) return security;
  if (varies !== undefined && varies.toLowerCase() !== "cookie") return { type: "apiKey", in: "header", name: varies };
  const scheme = challenge?.split(" ", 1)[0];
  return scheme === undefined ? undefined : { type: "http", scheme };
}

/** What a page shows beside its cookie, so that no other site can write in its name. */
const csrf = "csrf-token";
const csrfScheme: SecurityScheme = {
  ...{ type: "apiKey", in: "header", name: "X-CSRFToken" },
  description: "The value of the CSRF token's cookie. The page at `/api/docs/` sends it by itself.",
};

/** The schemes of every endpoint, by name. */
export function securitySchemes(endpoints: readonly Endpoint[]): Record<string, SecurityScheme> {
  const all = new Set(endpoints.flatMap(({ authenticators }) => authenticators));
  const schemes = [...all].flatMap((one): [string, SecurityScheme][] => {
    const scheme = schemeOf(one);
    return scheme ? [[nameOf(one), scheme]] : [];
  });
  const actions = endpoints.flatMap((endpoint) => Object.values(endpoint.actions));
  const needsCsrf = [...all, ...actions].some((one) => one.needsCsrf);
  return Object.fromEntries([...schemes, ...(needsCsrf ? [[csrf, csrfScheme] as const] : [])]);
}

/** What a route takes; with an entry of no credentials where it also answers those who send none. */
export function securityOf(
  { authenticators }: Endpoint,
  { needsCsrf }: Action,
  method: string,
  isOpen: boolean,
): SecurityRequirement[] {
  const always = needsCsrf ? { [csrf]: [] } : {};
  const known = authenticators
    .filter((one) => schemeOf(one))
    .map((one) => ({ [nameOf(one)]: [], ...(one.needsCsrf && method !== "GET" ? { [csrf]: [] } : {}), ...always }));
  return (known.length > 0 && isOpen) || needsCsrf ? [...known, always] : known;
}
