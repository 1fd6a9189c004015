/**
 * The settings of what lies below HTTP: encryption, HTTP/2, and proxies that say who connected to them.
 *
 * Reference: gunicorn.config (`certfile`, `keyfile`, `ca_certs`, `cert_reqs`, `proxy_protocol`, `proxy_allow_ips`).
 */
import { boolean, defineSettings, list, oneOf, text, type ValuesOf } from "../config/index.ts";
import { proxyAddress } from "./proxy-address.ts";

export const transportSettings = defineSettings({
  tlsCertFile: {
    name: "TLS_CERT_FILE",
    default: "",
    parse: text(),
    flag: "tls-cert-file",
    description: "PEM file of the server's certificate and those that signed it; with one, only TLS is spoken.",
  },
  tlsKeyFile: {
    name: "TLS_KEY_FILE",
    default: "",
    parse: text(),
    flag: "tls-key-file",
    description: "PEM file of the private key of that certificate.",
  },
  tlsCaFile: {
    name: "TLS_CA_FILE",
    default: "",
    parse: text(),
    description: "PEM file of the authorities whose certificates clients must show; empty where they need none.",
  },
  http2: {
    name: "HTTP2",
    default: true,
    parse: boolean(),
    description: "Whether HTTP/2 is offered where TLS is spoken.",
  },
  proxyProtocol: {
    name: "PROXY_PROTOCOL",
    default: "off",
    parse: oneOf("off", "on"),
    description: "Whether every connection begins with a header of the PROXY protocol, version 1 or 2.",
  },
  proxyAllowFrom: {
    name: "PROXY_ALLOW_FROM",
    default: ["127.0.0.1", "::1"],
    parse: list(proxyAddress),
    description: "Proxies that may send that header; all other connections are closed then.",
  },
});

export type TransportSettings = ValuesOf<typeof transportSettings>;
