/**
 * `/.well-known/jwks.json`: the public keys that other servers verify our tokens with.
 *
 * Open to everybody, and cached for less time than a new key is published before it signs (`drf-auth keys rotate`).
 * Reference: RFC 7517 5 and 8.5.1 (the media type), RFC 8615 (the path).
 */
import { field } from "../../model/index.ts";
import { type Endpoint, jsonRenderer, type Renderer } from "../../resource/index.ts";
import type { PublicJwk } from "./jwk.ts";

/** Seconds that others may keep the keys. */
export const jwksMaxAge = 300;

const mediaType = "application/jwk-set+json";
const jwkSetRenderer: Renderer = { ...jsonRenderer, format: "jwks", mediaType, contentType: mediaType };

export const jwksEndpoint = (keys: () => readonly PublicJwk[]): Endpoint => ({
  path: "/.well-known/jwks.json",
  name: "Keys",
  description: "The public keys of this server's tokens.",
  authenticators: [],
  permissions: [],
  renderers: [jsonRenderer, jwkSetRenderer],
  formatSuffix: false,
  actions: {
    GET: {
      name: "jwks",
      output: { keys: field.list({ of: field.dict() }) },
      run: () => ({
        status: 200,
        data: { keys: keys() },
        headers: { "cache-control": `public, max-age=${jwksMaxAge}` },
      }),
    },
  },
});
