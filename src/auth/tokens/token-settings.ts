/** The settings of tokens. Reference: rest_framework_simplejwt.settings (their names; ours begin with JWT_ where theirs do not speak of tokens). */
import {
  boolean,
  defineSettings,
  integer,
  list,
  oneOf,
  type Parser,
  secondsOrDuration,
  text,
} from "../../config/index.ts";
import { jwtAlgorithms } from "./jwt-keys.ts";
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

export const tokenSettings = defineSettings({
  accessLifetimeSeconds: {
    name: "ACCESS_TOKEN_LIFETIME",
    default: 300,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long an access token is valid.",
  },
  refreshLifetimeSeconds: {
    name: "REFRESH_TOKEN_LIFETIME",
    default: 86_400,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a refresh token is valid.",
  },
  rotateRefreshTokens: {
    name: "ROTATE_REFRESH_TOKENS",
    default: true,
    parse: boolean(),
    description: "Give a new refresh token with every refresh.",
  },
  blacklistAfterRotation: {
    name: "BLACKLIST_AFTER_ROTATION",
    default: true,
    parse: boolean(),
    description: "Refuse a refresh token once it was used.",
  },
  updateLastLogin: {
    name: "UPDATE_LAST_LOGIN",
    default: false,
    parse: boolean(),
    description: "Note the time of a sign-in with the account.",
  },
  slidingTokens: {
    name: "SLIDING_TOKENS",
    default: false,
    parse: boolean(),
    description: "Offer sliding tokens at /api/token/sliding/, and accept them.",
  },
  slidingLifetimeSeconds: {
    name: "SLIDING_TOKEN_LIFETIME",
    default: 300,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a sliding token is valid, if it is not refreshed.",
  },
  slidingRefreshLifetimeSeconds: {
    name: "SLIDING_TOKEN_REFRESH_LIFETIME",
    default: 86_400,
    parse: secondsOrDuration({ min: 1 }),
    unit: "seconds",
    description: "How long a sliding token can be refreshed.",
  },
  slidingRefreshExpClaim: {
    name: "SLIDING_TOKEN_REFRESH_EXP_CLAIM",
    default: "refresh_exp",
    parse: text({ minLength: 1 }),
    description: "Claim that holds the time until which a sliding token can be refreshed.",
  },
  algorithm: {
    name: "JWT_ALGORITHM",
    default: "HS256",
    parse: oneOf(...jwtAlgorithms),
    description: "Signs tokens with JWT_SIGNING_KEY; keys of a key file have their own.",
  },
  signingKey: {
    name: "JWT_SIGNING_KEY",
    default: "",
    defaultText: "SECRET_KEY",
    parse: text(),
    secret: true,
    description: "Signs tokens: a secret for HS256 to HS512, else a private key as PEM or JWK.",
  },
  signingKeyFile: {
    name: "JWT_SIGNING_KEY_FILE",
    default: "",
    defaultText: "none",
    parse: text(),
    description: "File that holds JWT_SIGNING_KEY.",
  },
  verifyingKey: {
    name: "JWT_VERIFYING_KEY",
    default: "",
    defaultText: "the public half of JWT_SIGNING_KEY",
    parse: text(),
    description: "Public key as PEM, certificate or JWK; held against JWT_SIGNING_KEY at start.",
  },
  verifyingKeyFile: {
    name: "JWT_VERIFYING_KEY_FILE",
    default: "",
    defaultText: "none",
    parse: text(),
    description: "File that holds JWT_VERIFYING_KEY.",
  },
  keysFile: {
    name: "JWT_KEYS_FILE",
    default: "",
    defaultText: "none",
    parse: text(),
    flag: "keys-file",
    description:
      'Key set that signs tokens, made and rotated by "drf-auth keys"; its changes are seen without a restart.',
  },
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
  refreshGraceSeconds: {
    name: "REFRESH_GRACE_PERIOD",
    default: 10,
    parse: secondsOrDuration({ min: 0, max: 300 }),
    unit: "seconds",
    description: "How long a used refresh token still gives its successor; after that its session ends.",
  },
  blacklistEndsSession: {
    name: "BLACKLIST_ENDS_SESSION",
    default: true,
    parse: boolean(),
    description: "Refuse the access tokens of a refresh token that was blacklisted.",
  },
  tokenCheckSeconds: {
    name: "TOKEN_CHECK_INTERVAL",
    default: 0.5,
    parse: secondsOrDuration({ min: 0, max: 0.9 }),
    unit: "seconds",
    description:
      "After what time the user and the session of an access token are read again; 0 reads at every request.",
  },
  sessionEndpoints: {
    name: "SESSION_ENDPOINTS",
    default: true,
    parse: boolean(),
    description: "Users see and end their sessions at /api/auth/sessions/.",
  },
  cleanUpSeconds: {
    name: "CLEAN_UP_INTERVAL",
    default: 3600,
    parse: secondsOrDuration({ min: 0, max: 2_000_000 }),
    unit: "seconds",
    description: "How often one of all workers removes expired tokens and sessions; 0 never does.",
  },
  tokenCacheSize: {
    name: "TOKEN_CACHE_SIZE",
    default: 10_000,
    parse: integer({ min: 0 }),
    description: "Verified access tokens that a worker remembers.",
  },
});
