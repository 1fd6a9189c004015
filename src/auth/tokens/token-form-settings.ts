/** The settings of what tokens say, and of the header that carries them. Reference: rest_framework_simplejwt.settings. */
import { boolean, defineSettings, list, oneOf, type Parser, secondsOrDuration, text } from "../../config/index.ts";
import { userIdFields } from "./token-users.ts";

/** A header's name, also in the spelling of Django: `HTTP_X_TOKEN` is `x-token`. */
const headerName: Parser<string> = {
  expected: "the name of a header, such as Authorization",
  read: (given) => {
    if (typeof given !== "string" || !/^[\w-]+$/.test(given)) return undefined;
    return given
      .replace(/^HTTP_/, "")
      .replaceAll("_", "-")
      .toLowerCase();
  },
};

/** A word of a challenge (RFC 9110 5.6.2), such as `Bearer`. */
const headerType: Parser<string> = {
  expected: "a word such as Bearer",
  read: (given) => (typeof given === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(given) ? given : undefined),
};

/** At least one. */
const some = <T>({ expected, read }: Parser<readonly T[]>): Parser<readonly T[]> => ({
  expected,
  read: (given) => {
    const values = read(given);
    return values && values.length > 0 ? values : undefined;
  },
});

export const tokenFormSettings = defineSettings({
  audience: {
    name: "JWT_AUDIENCE",
    default: [],
    defaultText: "none",
    parse: list(text({ minLength: 1 })),
    description: "Whom tokens are for (aud); a token for none of these is refused.",
  },
  issuer: {
    name: "JWT_ISSUER",
    default: "",
    defaultText: "none",
    parse: text(),
    description: "Who makes tokens (iss); a token of another is refused.",
  },
  leewaySeconds: {
    name: "JWT_LEEWAY",
    default: 0,
    parse: secondsOrDuration({ min: 0 }),
    unit: "seconds",
    description: "Difference of clocks that is accepted in the times of tokens.",
  },
  authHeaderTypes: {
    name: "JWT_AUTH_HEADER_TYPES",
    default: ["Bearer"],
    parse: some(list(headerType)),
    description: "Words that a token may stand behind; the first one is in the challenge of a 401.",
  },
  authHeaderName: {
    name: "JWT_AUTH_HEADER_NAME",
    default: "authorization",
    parse: headerName,
    description: "Header that carries the token; HTTP_X_TOKEN is x-token.",
  },
  bearerErrors: {
    name: "JWT_BEARER_ERRORS",
    default: false,
    parse: boolean(),
    description:
      'Say error="invalid_token" in the challenge where a token was sent (RFC 6750); the reference does not.',
  },
  userIdField: {
    name: "JWT_USER_ID_FIELD",
    default: "id",
    parse: oneOf(...userIdFields),
    description: "Field of an account that tokens name it by.",
  },
  userIdClaim: {
    name: "JWT_USER_ID_CLAIM",
    default: "user_id",
    parse: text({ minLength: 1 }),
    description: "Claim that holds it.",
  },
  tokenTypeClaim: {
    name: "JWT_TOKEN_TYPE_CLAIM",
    default: "token_type",
    parse: text({ minLength: 1 }),
    description: "Claim that holds the kind of a token.",
  },
  jtiClaim: {
    name: "JWT_JTI_CLAIM",
    default: "jti",
    parse: text({ minLength: 1 }),
    description: "Claim that holds a token's own key.",
  },
  tokenProfile: {
    name: "JWT_PROFILE",
    default: "simplejwt",
    parse: oneOf("simplejwt", "rfc9068"),
    description: "Form of access tokens; rfc9068 needs JWT_ISSUER, JWT_AUDIENCE and JWT_CLIENT_ID.",
  },
  clientId: {
    name: "JWT_CLIENT_ID",
    default: "",
    defaultText: "none",
    parse: text(),
    description: "Claim client_id of access tokens of RFC 9068.",
  },
});
