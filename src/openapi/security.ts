/** How credentials are sent: the schemes of an app, and which of them a route takes. */
import type { Authenticator, Endpoint, SecurityScheme } from "../resource/index.ts";
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

/** The schemes of every endpoint, by name. */
export function securitySchemes(endpoints: readonly Endpoint[]): Record<string, SecurityScheme> {
  const all = endpoints.flatMap(({ authenticators }) => authenticators);
  return Object.fromEntries(
    [...new Set(all)].flatMap((one): [string, SecurityScheme][] => {
      const scheme = schemeOf(one);
      return scheme ? [[nameOf(one), scheme]] : [];
    }),
  );
}

/** What a route takes; with an empty entry where it also answers those who send nothing. */
export function securityOf({ authenticators }: Endpoint, isOpen: boolean): SecurityRequirement[] {
  const known = authenticators.filter((one) => schemeOf(one)).map((one) => ({ [nameOf(one)]: [] }));
  return known.length > 0 && isOpen ? [...known, {}] : known;
}
