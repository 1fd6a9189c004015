/** The settings of the keys that tokens are signed with. Reference: rest_framework_simplejwt.settings. */
import { defineSettings, oneOf, text } from "../../config/index.ts";
import { jwtAlgorithms } from "./jwt-keys.ts";

export const tokenKeySettings = defineSettings({
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
});
