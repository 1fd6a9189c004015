/** What stands between a client and the server. Reference: security.W004, W005, W008, W020 of Django. */
import { type DeployCheck, day, loopback, say } from "./check.ts";

export const networkChecks: readonly DeployCheck[] = [
  {
    id: "hosts.any",
    find: ({ settings: { allowedHosts } }) =>
      allowedHosts.includes("*") &&
      say("ALLOWED_HOSTS=*", "links in answers and mails lead where a client says", "name the hosts of this site"),
  },
  {
    id: "hosts.local",
    find: ({ settings: { allowedHosts } }) =>
      allowedHosts.every((host) => loopback.has(host)) &&
      say("ALLOWED_HOSTS", "the server answers to no name but this machine's own", "name the hosts of this site"),
  },
  {
    id: "proxies.any",
    find: ({ settings: { trustedProxies } }) =>
      trustedProxies.includes("*") &&
      say("TRUSTED_PROXIES=*", "whoever connects may forge addresses and https", "name the addresses of your proxies"),
  },
  {
    id: "https.redirect",
    // With a certificate of its own the server speaks nothing but TLS.
    find: ({ settings: { sslRedirect, tlsCertFile } }) =>
      !sslRedirect &&
      tlsCertFile === "" &&
      say("SECURE_SSL_REDIRECT", "who comes by http sends passwords in clear", "true, behind a proxy that ends TLS"),
  },
  {
    id: "https.hsts",
    find: ({ settings: { hstsSeconds } }) =>
      hstsSeconds < 30 * day &&
      say("SECURE_HSTS_SECONDS", "browsers may come by http again", "31536000, once https works for good"),
  },
  {
    id: "https.subdomains",
    find: ({ settings: { hstsSeconds, hstsIncludeSubdomains } }) =>
      hstsSeconds > 0 &&
      !hstsIncludeSubdomains &&
      say(
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "a forged subdomain, asked by http, may set cookies of this site",
        "true, where all subdomains speak https",
      ),
  },
  {
    id: "cors.any",
    find: ({ settings: { corsAllowedOrigins, corsAllowCredentials } }) =>
      corsAllowedOrigins.includes("*") &&
      say(
        "CORS_ALLOWED_ORIGINS=*",
        corsAllowCredentials ? "every page may act for whoever looks at it" : "every page may read what is public here",
        "name the origins of your pages",
      ),
  },
  {
    id: "origins.clear",
    find: ({ settings: { trustedOrigins } }) =>
      trustedOrigins
        .filter((origin) => origin.startsWith("http:"))
        .map((origin) => say("CSRF_TRUSTED_ORIGINS", `${origin} can be forged by anybody on the way`, "use https")),
  },
  {
    id: "metrics.any",
    find: ({ settings: { metricsAllow } }) =>
      metricsAllow.includes("*") &&
      say("METRICS_ALLOW=*", "everybody reads routes, rates and errors", "name the addresses of your Prometheus"),
  },
];
