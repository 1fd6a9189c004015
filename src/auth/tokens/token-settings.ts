/** The settings of tokens. Reference: rest_framework_simplejwt.settings (their names; ours begin with JWT_ where theirs do not speak of tokens). */
import { boolean, defineSettings, secondsOrDuration, text } from "../../config/index.ts";
import { tokenCookieSettings } from "./token-cookie-settings.ts";
import { tokenFormSettings } from "./token-form-settings.ts";
import { tokenKeySettings } from "./token-key-settings.ts";
import { tokenSessionSettings } from "./token-session-settings.ts";

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
  ...tokenKeySettings,
  ...tokenFormSettings,
  ...tokenSessionSettings,
  ...tokenCookieSettings,
});
